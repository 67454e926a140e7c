"""Commands that call the loci of the panel by force, to be pasted into a shell.

Options were checked against the documentation of each caller; what each command does and does not give stands in
``docs/force-calling.md``.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.genotypes.builds import parse_build
from lupus_pgx.genotypes.positions import Style, positions, style_of
from lupus_pgx.knowledge.catalogue import load_knowledge

_INPUTS = """\
# {caller}: the loci of lupus_pgx on {build}, called in aligned reads. Set these names, then paste the whole.
BAM=sample.bam       # aligned and indexed; its contigs must be named as those of the genome
FASTA=genome.fa      # the {build} genome that the reads were aligned to, with its index (samtools faidx)
"""

_BCFTOOLS = """\
{list} --flank 10 > panel.bed
bcftools mpileup -f "$FASTA" -R panel.bed -a FORMAT/AD,FORMAT/DP -d 10000 -L 10000 -q 20 -Ou "$BAM" |
  bcftools call -m -a GQ -Oz -o panel.vcf.gz
bcftools index -t panel.vcf.gz
lupus-pgx analyze panel.vcf.gz --build {build}{more}
"""

_GATK = """\
{list} --flank 10 > panel.bed
{list} --format vcf > panel.sites.vcf
bgzip -f panel.sites.vcf && tabix -f -p vcf panel.sites.vcf.gz
# The genome needs a dictionary too: gatk CreateSequenceDictionary -R "$FASTA"
gatk HaplotypeCaller -R "$FASTA" -I "$BAM" -L panel.bed -ip 100 --alleles panel.sites.vcf.gz \\
  -ERC BP_RESOLUTION -O panel.g.vcf.gz
lupus-pgx analyze panel.g.vcf.gz --build {build}{more}
"""

_DEEPVARIANT = """\
MODEL=WGS            # or WES, PACBIO, ONT_R104: as the reads were made
{list} --flank 1000 > panel.bed
run_deepvariant --model_type="$MODEL" --ref="$FASTA" --reads="$BAM" --regions=panel.bed \\
  --output_vcf=panel.vcf.gz --output_gvcf=panel.g.vcf.gz --num_shards="$(nproc)"
lupus-pgx analyze panel.g.vcf.gz --build {build}{more}
"""

_RECIPES = {"bcftools": _BCFTOOLS, "gatk": _GATK, "deepvariant": _DEEPVARIANT}
RECIPES = tuple(_RECIPES)


def commands(caller: str, build: str, options: Sequence[str], overlay: str | None = None) -> str:
    """Return the commands by which a caller calls the loci of the panel.

    Parameters
    ----------
    caller : str
        One of ``RECIPES``.
    build : str
        Genome build.
    options : sequence of str
        Options of ``lupus-pgx positions`` that say which loci, on which build, under which names.
    overlay : str, optional
        Folder of further tables, which every command needs.

    Returns
    -------
    str

    Raises
    ------
    UsageError
        If there is no recipe for the caller.

    Examples
    --------
    >>> print(commands("bcftools", "GRCh38", ["--build", "GRCh38"]).splitlines()[3])
    lupus-pgx positions --build GRCh38 --flank 10 > panel.bed
    """
    if caller not in _RECIPES:
        raise unknown_name("recipe", caller, RECIPES)
    text = _INPUTS + _RECIPES[caller]
    more = ["--overlay", overlay] if overlay else []
    listing = shlex.join(["lupus-pgx", "positions", *options, *more])
    tail = f" {shlex.join(more)}" if more else ""
    return text.format(caller=caller, build=build, list=listing, more=tail).rstrip("\n")


def print_positions(
    *,
    build: str | None,
    like: str | None,
    form: str,
    flank: int,
    recipe: str | None,
    genes: Sequence[str] | None,
    overlay: str | None,
) -> str:
    """Return what ``lupus-pgx positions`` prints: the list of loci, or the commands that call them by force.

    Raises
    ------
    UsageError
        If neither a build nor a file like which is given, or a name is unknown.
    InputError
        If the build of that file cannot be proven.
    """
    knowledge, stated = load_knowledge(overlay), parse_build(build)
    if like is not None:
        style = style_of(like, knowledge, stated)
    elif stated is not None:
        style = Style(stated)
    else:
        raise UsageError("which genome build? give --build GRCh38, --build GRCh37 or --like VCF, a file of yours")
    if recipe is None:
        return "\n".join(positions(knowledge, style, form, genes, flank))
    if flank or form != "bed":
        raise UsageError("--recipe asks for the lists that it needs: leave --flank and --format out")
    if genes:
        knowledge.select_genes(genes)
    given = {"--like": like, "--build": build if like is None else None, "--genes": ",".join(genes or ()) or None}
    words = [word for name, value in given.items() if value for word in (name, value)]
    return commands(recipe, style.build, words, overlay)
