"""One measurement inside one fresh process: ``python measure.py`` reads ``{"kind": ..., ...}`` and prints JSON.

The runner starts this file once for each measurement, so that the peak memory is that of the
measurement alone. Imports, and the knowledge tables, are loaded before the clock starts.
"""

from __future__ import annotations

import cProfile
import gc
import importlib.util
import io
import json
import os
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

STAGES = (
    "read_genotypes",
    "settle_copies",
    "call_diplotypes",
    "call_markers",
    "assign_phenotypes",
    "predict_responses",
)
"""What ``lupus_pgx.analysis`` calls, in order; names it does not have are left out."""

TOP = 25

Counts = dict[str, Any]
Prepared = tuple[Callable[[], Any], Callable[[Any], Counts]]
"""What is timed, and what is said of its result afterwards."""


def peak_mb() -> float:
    """Return the largest memory this process had so far, in MB (10^6 bytes)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def timed(run: Callable[[], Any], say: Callable[[Any], Counts], repeat: int) -> dict[str, Any]:
    """Run something several times; results are freed between, with the clock stopped."""
    wall, processor = [], []
    counts: Counts = {}
    before = peak_mb()
    for _ in range(repeat):
        gc.collect()
        clock, used = time.perf_counter(), time.process_time()
        result = run()
        wall.append(time.perf_counter() - clock)
        processor.append(time.process_time() - used)
        counts = say(result)
        del result
    return {"seconds": wall, "cpu_seconds": processor, "peak_mb": peak_mb(), "start_mb": before, "counts": counts}


# --------------------------------------------------------------------------------------- what can be measured


def _panel(genes: Sequence[str] | None = None) -> list[Any]:
    """Return the regions of the panel loci on GRCh38."""
    from lupus_pgx.genotypes.positions import sorted_sites
    from lupus_pgx.knowledge.catalogue import load_knowledge
    from lupus_pgx.terms import Build
    from lupus_pgx.vcf.regions import Region

    knowledge = load_knowledge()
    sites = [site for _, site in sorted_sites(knowledge, Build.GRCH38, knowledge.select_genes(genes))]
    return [Region(site.chrom, site.pos, site.end) for site in sites]


def cluster_of_panel() -> list[Any]:
    """Return the regions of the panel loci as the package joins them."""
    from lupus_pgx.vcf.regions import cluster

    return cluster(_panel())


def floor(spec: dict[str, Any]) -> Prepared:
    """Fetch the lines of the loci through the index and look at CHROM and POS."""
    import pysam

    from lupus_pgx.vcf.regions import REGION_GAP, cluster

    gap = REGION_GAP if spec.get("gap") is None else spec["gap"]
    regions = cluster(_panel(), gap=gap)

    def run() -> tuple[int, int]:
        lines = characters = 0
        for path in spec["files"]:
            with pysam.TabixFile(path, encoding="latin-1") as file:
                present = set(file.contigs)
                for region in regions:
                    if region.chrom not in present:
                        continue
                    for line in file.fetch(region.chrom, region.start - 1, region.end):
                        first = line.index("\t")
                        if line[:first] != region.chrom or int(line[first + 1 : line.index("\t", first + 1)]) < 1:
                            raise ValueError(line[:60])
                        lines += 1
                        characters += len(line)
        return lines, characters

    return run, lambda found: {"lines": found[0], "text_mb": found[1] / 1e6, "regions": len(regions), "gap": gap}


def _warm_knowledge() -> Any:
    from lupus_pgx.knowledge.catalogue import load_knowledge

    knowledge = load_knowledge()
    for name in ("loci_by_gene", "star_genes", "markers_by_key", "drugs_by_name", "gene_rows", "gene_names"):
        getattr(knowledge, name)
    return knowledge


def analyze(spec: dict[str, Any]) -> Prepared:
    """Analyze files: genotypes, diplotypes, markers, phenotypes and responses in arrays."""
    import lupus_pgx
    import lupus_pgx.analysis as stages

    knowledge = _warm_knowledge()
    spent: dict[str, list[float]] = {name: [] for name in STAGES if hasattr(stages, name)}

    def watched(name: str) -> Callable[..., Any]:
        stage = getattr(stages, name)

        def call(*arguments: Any, **options: Any) -> Any:
            clock = time.perf_counter()
            try:
                return stage(*arguments, **options)
            finally:
                spent[name].append(time.perf_counter() - clock)

        return call

    for name in spent:
        setattr(stages, name, watched(name))

    def say(analysis: Any) -> Counts:
        results = analysis.results
        return {
            "samples": len(analysis.sample_ids),
            "loci": len(results.genotypes.loci),
            "calls": sum(len(calls) for calls in results.genes.values.values()),
            "responses": sum(len(values) for values in results.responses.values.values()),
            "stages": spent,
        }

    return lambda: lupus_pgx.analyze(spec["files"], knowledge=knowledge, **spec.get("options", {})), say


def reads(spec: dict[str, Any]) -> Prepared:
    """Read the genotypes of each file by itself, one after the other."""
    from lupus_pgx.genotypes.reader import read_genotypes

    knowledge = _warm_knowledge()
    genes = knowledge.select_genes(None)

    def run() -> int:
        return sum(len(read_genotypes([path], knowledge, genes).sample_ids) for path in spec["files"])

    return run, lambda samples: {"samples": samples, "files": len(spec["files"])}


def write(spec: dict[str, Any]) -> Prepared:
    """Write the tables of an analysis that is there already."""
    import lupus_pgx

    analysis = lupus_pgx.analyze(spec["files"], **spec.get("options", {}))
    folder = tempfile.TemporaryDirectory(prefix="lupus_pgx_write_")

    def say(paths: list[Path]) -> Counts:
        samples, written = len(analysis.sample_ids), sum(path.stat().st_size for path in paths) / 1e6
        return {"samples": samples, "written_mb": written, "folder": folder.name}

    return lambda: analysis.write(folder.name, formats=spec["formats"]), say


def cyvcf2_regions(spec: dict[str, Any]) -> Prepared:
    """Read the genotype arrays of the panel loci with cyvcf2, region by region."""
    import cyvcf2
    from cyvcf2.cyvcf2 import set_htslib_log_level

    from lupus_pgx.vcf.regions import cluster

    set_htslib_log_level(0)
    wanted = cluster(_panel(), gap=1)
    regions = cluster(_panel(), gap=spec["gap"])

    def run() -> tuple[int, int]:
        records = used = 0
        for path in spec["files"]:
            file = cyvcf2.VCF(path)
            present = set(file.seqnames)
            for region in regions:
                if region.chrom not in present:
                    continue
                inside = [(item.start, item.end) for item in wanted if item.chrom == region.chrom]
                for record in file(f"{region.chrom}:{region.start}-{region.end}"):
                    records += 1
                    if any(start <= record.end and end >= record.POS for start, end in inside):
                        used += len(record.genotype.array()) > 0
            file.close()
        return records, used

    return run, lambda found: {"lines": found[0], "genotyped": found[1], "regions": len(regions), "gap": spec["gap"]}


# ------------------------------------------------------------------- what the runner asks for besides, not timed


def covered(spec: dict[str, Any]) -> Prepared:
    """Say which star genes have records in a file, and which of them lie on X."""
    import lupus_pgx
    from lupus_pgx.terms import LocusStatus

    def run() -> Any:
        return lupus_pgx.analyze(spec["files"], **spec.get("options", {}))

    def say(analysis: Any) -> Counts:
        genotypes = analysis.results.genotypes
        here: dict[str, bool] = {}
        for locus, column in zip(genotypes.loci, genotypes.columns, strict=True):
            if (column.states.status != LocusStatus.NO_RECORD.code).any():
                here[locus.gene] = locus.x_linked
        stars = analysis.knowledge.star_genes
        return {
            "genes": sorted(set(here) & set(stars)),
            "x_linked": sorted(gene for gene in here if here[gene]),
            "samples": len(analysis.sample_ids),
        }

    return run, say


def diploid(spec: dict[str, Any]) -> Prepared:
    """Write chromosome X with two copies in men, the way tests/peers does for PyPGx."""
    place = Path(__file__).resolve().parents[1] / "peers" / "compare_pypgx.py"
    found = importlib.util.spec_from_file_location("compare_pypgx", place)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["compare_pypgx"] = module
    found.loader.exec_module(module)
    return lambda: module.make_diploid(Path(spec["files"][0]), Path(spec["target"])), lambda _: {}


KINDS: dict[str, Callable[[dict[str, Any]], Prepared]] = {
    "floor": floor,
    "analyze": analyze,
    "reads": reads,
    "write": write,
    "cyvcf2": cyvcf2_regions,
    "covered": covered,
    "diploid": diploid,
}


def main(text: str) -> None:
    """Measure what a JSON text asks for, and print JSON."""
    spec = json.loads(text)
    run, say = KINDS[spec["kind"]](spec)
    if spec.get("profile"):
        profile = cProfile.Profile()
        run()  # what is loaded once is not what is looked for
        profile.runcall(run)
        told = io.StringIO()
        pstats.Stats(profile, stream=told).sort_stats("tottime").print_stats(TOP)
        sys.stdout.write(json.dumps({"profile": told.getvalue()}))
        return
    measured = timed(run, say, spec["repeat"])
    sys.stdout.write(json.dumps(measured) + os.linesep)


if __name__ == "__main__":
    main(sys.stdin.read())
