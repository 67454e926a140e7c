"""The input once more, with what the panel knows at its records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from lupus_pgx.errors import InputError, OutputError
from lupus_pgx.genotypes.builds import spellings
from lupus_pgx.genotypes.fasta import ReferenceGenome
from lupus_pgx.genotypes.readings import LocusFinder, Reading
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.progress import track
from lupus_pgx.results.provenance import Provenance
from lupus_pgx.results.tables import Results
from lupus_pgx.results.vcf_fields import NOTHING, PREFIX, RecordFields, encoded, header_lines, is_ours
from lupus_pgx.vcf.copy import VcfCopy
from lupus_pgx.vcf.records import RawRecord
from lupus_pgx.vcf.regions import Region
from lupus_pgx.vcf.writer import write_whole_vcf

_ENDINGS = (".gz", ".bgz", ".vcf", ".bcf")
_SAFE = "._-+ "
_NO_SAMPLE = -1

Numbers = npt.NDArray[np.int64]


def write_annotated(folder: Path, results: Results, knowledge: Knowledge, provenance: Provenance) -> list[Path]:
    """Write each input file again, its panel records annotated.

    Parameters
    ----------
    folder : Path
    results : Results
    knowledge : Knowledge
    provenance : Provenance
        Names the inputs, in the order in which they were read.

    Returns
    -------
    list of Path
        ``annotated.vcf.gz``, or ``annotated.NAME.vcf.gz`` for each of several inputs.

    Raises
    ------
    InputError
        If an input cannot be read any more, or has other samples than it had.
    UsageError
        If the input was a pipe.
    OutputError
        If an output would replace an input.
    OSError
        If a file cannot be written.
    """
    inputs = [item.path for item in provenance.inputs]
    targets = [folder / name for name in _names(inputs)]
    for source in inputs:
        for target in targets:
            if source != "-" and target.exists() and target.samefile(source):
                raise OutputError(f"{target}: is an input of this analysis; write into another folder")
    genome = provenance.parameters.get("reference_fasta")
    with ExitStack() as opened:
        fasta = opened.enter_context(ReferenceGenome(genome, knowledge)) if genome is not None else None
        annotator = _Annotator(results, knowledge, fasta)
        for source, target in zip(inputs, targets, strict=True):
            with VcfCopy(source, spellings(knowledge)) as file:
                annotator.annotate(file, target, header_lines(provenance.data_release))
    return targets


def _names(inputs: Sequence[str]) -> list[str]:
    """Return the names of the outputs: plain for one input, after the inputs for several."""
    if len(inputs) == 1:
        return ["annotated.vcf.gz"]
    names: list[str] = []
    for path in inputs:
        stem = "stdin" if path == "-" else Path(path).name
        while stem.lower().endswith(_ENDINGS):
            stem = stem[: stem.rindex(".")]
        stem = quote(stem, safe=_SAFE)
        name, count = f"annotated.{stem}.vcf.gz", 1
        while name in names:
            count += 1
            name = f"annotated.{stem}.{count}.vcf.gz"
        names.append(name)
    return names


class _Annotator:
    """What the records of all inputs are annotated with."""

    def __init__(self, results: Results, knowledge: Knowledge, genome: ReferenceGenome | None) -> None:
        genotypes = results.genotypes
        sites = [locus.sites[genotypes.build] for locus in genotypes.loci]
        self._fields = RecordFields(results, knowledge)
        self._finder = LocusFinder(sites, genome)
        self._chroms = spellings(knowledge)
        self._numbers = {sample: number for number, sample in enumerate(genotypes.sample_ids)}
        self._unlisted = {(item.chrom, item.pos, item.ref, item.alt): item.gene for item in genotypes.unlisted}
        self._regions = [Region(site.chrom, site.pos, site.end + self._finder.reach) for site in sites]
        self._regions += [Region(item.chrom, item.pos, item.pos) for item in genotypes.unlisted]

    def annotate(self, file: VcfCopy, target: Path, declared: Sequence[str]) -> None:
        """Write one file again."""
        known = [self._numbers.get(sample, _NO_SAMPLE) for sample in file.samples]
        if set(known) <= {_NO_SAMPLE}:
            raise InputError(f"{file.path}: has none of the samples that were analyzed; it was changed since")
        header = [line for line in file.header if not is_ours(line)]
        header[-1:] = [*declared, header[-1]]
        columns = np.array(known, np.int64)
        pieces = track(file.pieces(self._regions), "annotating", " pieces")
        write_whole_vcf(
            target,
            header,
            (piece if isinstance(piece, bytes) else self._line(piece, columns, file.encoding) for piece in pieces),
            lambda: [f"##contig=<ID={name}>" for name in file.undeclared_contigs()],
        )

    def _line(self, record: RawRecord, columns: Numbers, encoding: str) -> bytes:
        """Return the line of a record, with fields where it speaks about a locus."""
        line: str = record.payload
        chrom = self._chroms[record.chrom]
        readings = self._finder.readings(chrom, record)
        fields = [self._fields.info(readings, len(record.alts))] if readings else []
        unlisted = [self._unlisted.get((chrom, record.pos, record.ref, alt)) for alt in record.alts]
        if any(unlisted):
            genes = (encoded(gene) if gene is not None else NOTHING for gene in unlisted)
            fields.append(f"{PREFIX}UNLISTED={','.join(genes)}")
        if not fields:
            return f"{line}\n".encode(encoding)
        *fixed, info, keys, samples = line.encode(encoding).split(b"\t", 9)
        kept = [part for part in info.split(b";") if part not in (b".", b"") and not part.startswith(PREFIX.encode())]
        info = b";".join([*kept, *(text.encode() for text in fields)])
        cells = samples.split(b"\t")
        keys, cells = _without_ours(keys, cells)
        if readings:
            keys, cells = self._with_formats(readings, keys, cells, columns)
        return b"\t".join([*fixed, info, keys, *cells]) + b"\n"

    def _with_formats(
        self, readings: Mapping[int, Reading], keys: bytes, cells: list[bytes], columns: Numbers
    ) -> tuple[bytes, list[bytes]]:
        """Append the FORMAT fields to the cells of samples that were analyzed."""
        markers = self._fields.markers(readings)
        values, index = self._fields.format_values(readings, markers)
        added = [value.encode() for value in values]
        chosen = zip(cells, (added[number] for number in index[columns].tolist()), columns.tolist(), strict=True)
        names = self._fields.format_names(markers).encode()
        if keys == NOTHING.encode():  # the record had no FORMAT: nothing to append to
            return names, [value if number != _NO_SAMPLE else cell for cell, value, number in chosen]
        colons = keys.count(b":")  # fields at the end of a cell may have been left out
        return keys + b":" + names, [
            cell + b":." * (colons - cell.count(b":")) + b":" + value if number != _NO_SAMPLE else cell
            for cell, value, number in chosen
        ]


def _without_ours(keys: bytes, cells: list[bytes]) -> tuple[bytes, list[bytes]]:
    """Drop the FORMAT fields of an earlier annotation."""
    names = keys.split(b":")
    kept = [place for place, name in enumerate(names) if not name.startswith(PREFIX.encode())]
    if len(kept) == len(names):
        return keys, cells
    parts = (cell.split(b":") for cell in cells)
    return (
        b":".join(names[place] for place in kept) or NOTHING.encode(),
        [b":".join(part[place] for place in kept if place < len(part)) or NOTHING.encode() for part in parts],
    )
