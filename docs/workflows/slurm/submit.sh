#!/usr/bin/env bash
# A cohort as an array of SLURM: sbatch is called twice, for the shards and for what comes after them.
#
#     bash submit.sh cohort.tsv my_run [options of 'lupus-pgx cohort plan' ...]
#
# Submit again what failed: 'lupus-pgx cohort status my_run' names the missing shards, and shards that are there are
# passed over.
set -euo pipefail

sheet=$1 run=$2
shift 2

# The names of the shards, one a line; the plan itself stands in the folder of the run.
lupus-pgx cohort plan --sample-sheet "$sheet" -o "$run" "$@" > "$run.shards"
count=$(wc -l < "$run.shards")

array=$(sbatch --parsable --job-name=lupus-pgx --array="1-$count%100" --cpus-per-task=1 --mem=4G --time=1:00:00 \
    --output="$run.%a.log" --export=ALL,RUN="$run" <<'JOB'
#!/usr/bin/env bash
set -euo pipefail
shard=$(sed -n "${SLURM_ARRAY_TASK_ID}p" "$RUN.shards")
# A job that is stopped (SIGTERM before the time limit) leaves nothing half done, and ends with 75.
exec lupus-pgx cohort call "$RUN" --shard "$shard"
JOB
)

sbatch --parsable --job-name=lupus-pgx-status --dependency="afterany:$array" --mem=4G --time=1:00:00 \
    --output="$run.status.log" --export=ALL,RUN="$run" <<'JOB'
#!/usr/bin/env bash
# 75: shards are missing, and are named.
exec lupus-pgx cohort status "$RUN"
JOB
