"""The INFO and FORMAT fields that an annotated VCF gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from lupus_pgx._version import __version__
from lupus_pgx.encoded import Index, combine
from lupus_pgx.genotypes.codes import status_name
from lupus_pgx.genotypes.readings import Reading
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import Marker
from lupus_pgx.knowledge.loci import Haplotypes, Locus
from lupus_pgx.knowledge.rules import Condition, Drug
from lupus_pgx.results.tables import Results

PREFIX = "LPGX_"
"""Before the name of every field."""

NOTHING = "."

_Facts = Mapping[str, Mapping[str, Sequence[str]]]
"""Sources or levels, by gene or marker and drug."""

_SYNTAX = re.compile(r"[\x00-\x20\x7f%:;=,|&]")

_FIELDS = (
    ("INFO", "GENE", ".", "String", "Genes of which a locus of the panel is recorded here"),
    ("INFO", "LOCUS", ".", "String", "Loci of the panel recorded here, as GENE:locus"),
    ("INFO", "CHANGE", "R", "String", "Change of each allele from GRCh38, as coding|protein, joined by &"),
    ("INFO", "ESSENTIAL", "0", "Flag", "No drug action may rest on the gene without this locus"),
    ("INFO", "ALLELE", "R", "String", "Named alleles of star genes defined by each allele, as GENE:name, joined by &"),
    ("INFO", "FUNCTION", "R", "String", "Function of each named allele of LPGX_ALLELE, in its order, joined by &"),
    ("INFO", "MARKER", ".", "String", "Markers read from the loci recorded here, as GENE:marker"),
    ("INFO", "EFFECT_ALLELE", ".", "String", "Effect alleles of each marker of LPGX_MARKER, in its order, joined by &"),
    (
        "INFO",
        "MARKER_ALLELE",
        "R",
        "String",
        "Marker alleles that may carry each allele, as GENE:marker:name, joined by &",
    ),
    (
        "INFO",
        "GUIDELINE",
        ".",
        "String",
        "Drugs with a guideline rule on the gene or marker, as drug|sources joined by &",
    ),
    (
        "INFO",
        "EVIDENCE",
        ".",
        "String",
        "Drugs with evidence on the gene or marker, null results included, as drug|evidence levels joined by &",
    ),
    (
        "INFO",
        "UNLISTED",
        "A",
        "String",
        "Gene in which an annotated, not common ALT of high or moderate impact is in no allele",
    ),
    ("FORMAT", "LS", ".", "String", "Status of the sample at each locus of LPGX_LOCUS, in its order"),
    ("FORMAT", "EC", ".", "Integer", "Effect alleles the sample has of each marker of LPGX_MARKER, in its order"),
)
"""Section, name, Number, Type and Description of each field."""


def header_lines(data_release: str) -> list[str]:
    """Return the header lines that declare the fields."""
    return [
        f"##lupus_pgx_data_release={data_release}",
        *(
            f'##{section}=<ID={PREFIX}{name},Number={number},Type={kind},Description="{text}",'
            f'Source="lupus_pgx",Version="{__version__}">'
            for section, name, number, kind, text in _FIELDS
        ),
    ]


def is_ours(header_line: str) -> bool:
    """Whether a header line was written by an earlier annotation."""
    return header_line.startswith((f"##INFO=<ID={PREFIX}", f"##FORMAT=<ID={PREFIX}", "##lupus_pgx_data_release="))


def encoded(text: str) -> str:
    """Write text as a VCF value: what VCF or these fields use as syntax becomes ``%`` and two digits.

    Examples
    --------
    >>> encoded("rs2231142 variant (T)")
    'rs2231142%20variant%20(T)'
    """
    return _SYNTAX.sub(lambda found: f"%{ord(found[0]):02X}", text)


class RecordFields:
    """The fields of the records that speak about loci.

    Parameters
    ----------
    results : Results
    knowledge : Knowledge
    """

    def __init__(self, results: Results, knowledge: Knowledge) -> None:
        self._results = results
        self._knowledge = knowledge
        self._loci = results.genotypes.loci
        self._drugs = [knowledge.drugs_by_name[name] for name in sorted(results.responses.values)]

    @cached_property
    def _markers_at(self) -> Mapping[tuple[str, str], list[Marker]]:
        """Called markers by gene and locus."""
        found: dict[tuple[str, str], list[Marker]] = {}
        for key in sorted(self._results.markers.values):
            marker = self._knowledge.markers_by_key[key]
            for locus in marker.haplotypes.loci:
                found.setdefault((locus.gene, locus.name), []).append(marker)
        return found

    @cached_property
    def _rules(self) -> _Facts:
        """Guideline bodies with a rule on each gene or marker."""
        return _by_key(self._drugs, lambda drug: ((rule.condition, rule.source) for rule in drug.rules))

    @cached_property
    def _evidence(self) -> _Facts:
        """Levels of the evidence on each gene or marker."""
        return _by_key(self._drugs, lambda drug: ((row.condition, row.row["evidence_level"]) for row in drug.evidence))

    def markers(self, readings: Mapping[int, Reading]) -> list[Marker]:
        """Return the markers that are read from the loci of a record."""
        loci = [self._loci[number] for number in readings]
        found = {marker.key: marker for locus in loci for marker in self._markers_at.get((locus.gene, locus.name), ())}
        return list(found.values())

    def info(self, readings: Mapping[int, Reading], alts: int) -> str:
        """Return the INFO fields of a record.

        Parameters
        ----------
        readings : mapping of int to Reading
            What the record says, by the number of the locus.
        alts : int
            ALTs of the record.
        """
        loci = {number: self._loci[number] for number in readings}
        markers = self.markers(readings)
        stars = [self._alleles(readings, allele) for allele in range(alts + 1)]
        carried = [self._marker_alleles(readings, markers, allele) for allele in range(alts + 1)]
        keys = self._keys(loci.values(), markers)
        fields = {
            "GENE": list(dict.fromkeys(encoded(locus.gene) for locus in loci.values())),
            "LOCUS": [f"{encoded(locus.gene)}:{encoded(locus.name)}" for locus in loci.values()],
            "CHANGE": [_joined(self._changes(readings, allele)) for allele in range(alts + 1)],
            "ALLELE": [_joined(f"{encoded(gene)}:{encoded(name)}" for gene, name, _ in found) for found in stars],
            "FUNCTION": [_joined(encoded(function) or NOTHING for _, _, function in found) for found in stars],
            "MARKER": [_marker_name(marker) for marker in markers],
            "EFFECT_ALLELE": [_joined(map(encoded, sorted(marker.effect_alleles))) for marker in markers],
            "MARKER_ALLELE": [_joined(names) for names in carried],
            "GUIDELINE": _drug_texts(self._rules, keys),
            "EVIDENCE": _drug_texts(self._evidence, keys),
        }
        shown = [f"{PREFIX}{name}={','.join(values)}" for name, values in fields.items() if {*values} - {NOTHING}]
        if any(locus.essential for locus in loci.values()):
            shown.append(f"{PREFIX}ESSENTIAL")
        return ";".join(shown)

    def _codes(self, readings: Mapping[int, Reading], allele: int) -> Iterable[tuple[Locus, int]]:
        """Yield the loci of which an allele of a record says something, each with the code."""
        for number, reading in readings.items():
            if allele >= len(reading.codes):
                continue
            code = reading.codes[allele]
            # An ALT that leaves the locus alone stands for the base that REF is.
            if isinstance(code, int) and (allele == 0 or code != reading.codes[0]):
                yield self._loci[number], code

    def _changes(self, readings: Mapping[int, Reading], allele: int) -> list[str]:
        """Return coding and protein change of an allele of a record; code 0 is what GRCh38 carries."""
        rows = [locus.rows[code - 1] for locus, code in self._codes(readings, allele) if code > 0]
        named = [[row[name] or "" for name in ("coding_name", "protein_change")] for row in rows]
        return ["|".join(map(encoded, names)) for names in named if any(names)]

    def _alleles(self, readings: Mapping[int, Reading], allele: int) -> list[tuple[str, str, str]]:
        """Return gene, name and function of the named alleles that an allele of a record defines."""
        found = []
        for locus, code in self._codes(readings, allele):
            star = self._knowledge.star_genes.get(locus.gene)
            # Code 0 is what GRCh38 carries: it defines no allele.
            if star is None or code == 0:
                continue
            carrying = _cells(star.haplotypes, locus)
            # A haplotype that may carry the code or the base of GRCh38 is not defined by it.
            names = [name for name, cell in carrying if cell >> code & 1 and not cell & 1]
            shown = dict.fromkeys(star.reported[name] for name in names)
            found += [(star.gene, name, star.functions.get(name, "")) for name in shown]
        return found

    def _marker_alleles(self, readings: Mapping[int, Reading], markers: Sequence[Marker], allele: int) -> list[str]:
        return [
            f"{_marker_name(marker)}:{encoded(name)}"
            for locus, code in self._codes(readings, allele)
            for marker in markers
            for name, cell in _cells(marker.haplotypes, locus)
            if cell >> code & 1
        ]

    def _keys(self, loci: Iterable[Locus], markers: Iterable[Marker]) -> list[str]:
        """Return the genes and markers that are read from loci, as rules name them."""
        stars = self._knowledge.star_genes
        genes = (locus.gene for locus in loci if locus.gene in stars and locus in stars[locus.gene].haplotypes.loci)
        return list(dict.fromkeys([*genes, *(marker.key for marker in markers)]))

    def format_names(self, markers: Sequence[Marker]) -> str:
        """Return the FORMAT keys of a record."""
        return f"{PREFIX}LS:{PREFIX}EC" if markers else f"{PREFIX}LS"

    def format_values(self, readings: Mapping[int, Reading], markers: Sequence[Marker]) -> tuple[list[str], Index]:
        """Return the distinct FORMAT values of a record, and the number of the value of each sample.

        Returns
        -------
        values : list of str
        index : ndarray of unsigned int, shape (samples,)
        """
        columns = [self._results.genotypes.columns[number] for number in readings]
        calls = [
            (self._results.markers.values[marker.key], self._results.markers.index[marker.key]) for marker in markers
        ]
        parts = [(column.index, len(column.states)) for column in columns]
        parts += [(index, len(found)) for found, index in calls]
        example, index = combine(parts, len(self._results.genotypes.sample_ids))
        values = []
        for sample in example.tolist():
            states = ",".join(status_name(column.states.status[int(column.index[sample])]) for column in columns)
            counts = [found[int(numbers[sample])].effect_allele_count for found, numbers in calls]
            shown = ",".join(NOTHING if count is None else str(count) for count in counts)
            values.append(f"{states}:{shown}" if markers else states)
        return values, index


def _cells(haplotypes: Haplotypes, locus: Locus) -> list[tuple[str, int]]:
    """Return each haplotype with the allele codes it may carry at a locus, as bits."""
    if locus not in haplotypes.loci:
        return []
    place = haplotypes.loci.index(locus)
    return [(name, cells[place]) for name, cells in zip(haplotypes.names, haplotypes.allowed, strict=True)]


def _by_key(
    drugs: Sequence[Drug], facts: Callable[[Drug], Iterable[tuple[Condition | None, str]]]
) -> dict[str, dict[str, list[str]]]:
    """Return what there is on each drug, by the gene or marker that its conditions look at."""
    found: dict[str, dict[str, list[str]]] = {}
    for drug in drugs:
        for condition, fact in facts(drug):
            for key in condition.keys if condition is not None else ():
                found.setdefault(key, {}).setdefault(drug.drug, []).append(fact)
    return found


def _drug_texts(facts: _Facts, keys: Iterable[str]) -> list[str]:
    """Return each drug with what there is on it for some genes and markers."""
    by_drug: dict[str, list[str]] = {}
    for key in keys:
        for drug, here in facts.get(key, {}).items():
            by_drug.setdefault(drug, []).extend(here)
    return [f"{encoded(drug)}|{_joined(map(encoded, dict.fromkeys(here)))}" for drug, here in sorted(by_drug.items())]


def _marker_name(marker: Marker) -> str:
    return f"{encoded(marker.gene)}:{encoded(marker.marker)}"


def _joined(texts: Iterable[str]) -> str:
    return "&".join(texts) or NOTHING
