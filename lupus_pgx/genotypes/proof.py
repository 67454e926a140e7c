"""On which build the files of one call are: what their headers say, held against what their records say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lupus_pgx.errors import InputError
from lupus_pgx.genotypes.builds import (
    TAGS,
    BuildProof,
    accessions,
    gene_regions,
    spellings,
    strange_contigs,
)
from lupus_pgx.genotypes.stretches import has_bases, is_structural
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.loci import Site
from lupus_pgx.terms import Build
from lupus_pgx.vcf.file import VcfFile
from lupus_pgx.vcf.records import RawRecord
from lupus_pgx.vcf.unplaced import names_in
from lupus_pgx.words.asked import asked_as
from lupus_pgx.words.lines import counted, few_of

# Log-odds of one record at a panel position of the true build against a chance hit of the other. Two bases drawn from
# the REFs of the table loci (64 % of them C or G) are the same in 27 %, and an ALT is one of three others. The 0.999
# leaves room for one wrong REF in a thousand, so that a single record can never exclude a build.
_REF_AGREES = math.log(0.999 / 0.28)
_ALT_KNOWN = 1.0
_REF_DISAGREES = math.log(0.001 / 0.72)
_PROOF = math.log(1000)
_LEANING = math.log(20)
"""Log-odds at which a file may not be taken along on the other build."""
_BEYOND_DOUBT = math.log(1e9)
"""Log-odds at which no further record is looked at."""
_NAMES = 3
"""Records under the identifier of the locus at its position on a build, with which another build may not be claimed."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well records at the panel positions of a build fit its bases, and which have the identifier of the locus."""

    score: float = 0.0
    fitting: int = 0
    records: int = 0
    named: frozenset[str] = frozenset()

    def __add__(self, other: Fit) -> Fit:
        fitting, records = self.fitting + other.fitting, self.records + other.records
        return Fit(self.score + other.score, fitting, records, self.named | other.named)


Fits = Mapping[Build, Fit]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one file says of its build.

    Attributes
    ----------
    path : str
    claim : BuildProof or None
        What the header and the names of contigs say.
    odd_length : str
        A contig whose declared length is that of no known assembly, where none has a known one.
    fits : mapping of Build to Fit
        What the records say.
    """

    path: str
    claim: BuildProof | None
    odd_length: str
    fits: Fits


def gather_evidence(file: VcfFile, knowledge: Knowledge, stated: Build | None, reach: int = 0) -> Evidence:
    """Look at the header of a file, and at as many records as it takes.

    Parameters
    ----------
    file : VcfFile
    knowledge : Knowledge
    stated : Build or None
        What the user says.
    reach : int
        Bases beyond a locus at which an indel may be written.

    Returns
    -------
    Evidence

    Raises
    ------
    InputError
        If the header contradicts itself, names an assembly that is not read, or no contig is understood.
    """
    claim, odd_length = _claim(file, knowledge)
    # Where header and user contradict each other no build is expected: the refusal then says what the records show.
    said = {build for build in (stated, claim.build if claim else None) if build is not None}
    fits = _fits(file, knowledge, said.pop() if len(said) == 1 else None, reach)
    if claim is None:
        # Contigs that no header line declares were met by now.
        claim = _by_tags(file, knowledge)
    if not any(fit.records for fit in fits.values()):
        _check_names(file, knowledge)
    return Evidence(file.path, claim, odd_length, fits)


class BuildProofs:
    """The builds of the files of one call: what one file cannot prove, all of them may.

    Parameters
    ----------
    stated : Build or None
        What the user says.
    """

    def __init__(self, stated: Build | None) -> None:
        self._stated = stated
        self._files: list[Evidence] = []
        self._proofs: dict[str, BuildProof] = {}

    def add(self, evidence: Evidence) -> None:
        """Take in what a file says.

        Raises
        ------
        InputError
            If the file contradicts itself or what was stated.
        """
        self._files.append(evidence)
        proof = self._alone(evidence)
        if proof is not None:
            self._proofs[evidence.path] = proof

    def _alone(self, evidence: Evidence) -> BuildProof | None:
        """Return what a file proves by itself."""
        claim, by_records = evidence.claim, _winner(evidence.fits)
        stated, path, figures = self._stated, evidence.path, _figures(evidence.fits)
        if stated is not None:
            _check_identifiers(path, evidence.fits, stated, f"the build was stated as {stated}", _drop())
        elif claim is not None:
            said = f"the header says {claim.build} ({claim.proof})"
            _check_identifiers(path, evidence.fits, claim.build, said, "correct the header")
        if claim is not None and by_records not in (None, claim.build):
            raise InputError(
                f"{path}: the header says {claim.build} ({claim.proof}), but the records are those of {by_records}: "
                f"{figures}; correct the header"
            )
        found = claim or (BuildProof(by_records, "reference bases at panel loci") if by_records else None)
        if found is not None and stated not in (None, found.build):
            raise InputError(
                f"{path}: the build was stated as {stated}, but the file is on {found.build} ({found.proof}; "
                f"{figures}); {_drop()}"
            )
        if found is None and evidence.odd_length:
            raise InputError(
                f"{path}: the contig lengths are neither those of GRCh37 nor of GRCh38 ({evidence.odd_length}), and "
                f"too few records at panel positions prove one of them ({figures})"
            )
        if found is None and stated is not None:
            return BuildProof(stated, "stated by the user, not contradicted by the file")
        return found

    def of(self, evidence: Evidence) -> BuildProof | None:
        """Return the proof for a file; None while all files seen so far say too little.

        Raises
        ------
        InputError
            If the file leans to another build than the others.
        """
        if evidence.path in self._proofs:
            return self._proofs[evidence.path]
        if self._proofs:
            return self._taken_along(evidence)
        build = _winner(_added(self._files))
        return (
            BuildProof(build, f"reference bases at panel loci of {counted(len(self._files), 'file')}")
            if build
            else None
        )

    def _taken_along(self, evidence: Evidence) -> BuildProof:
        """Return the build of the other files, unless the file leans to another."""
        path, proof = next(iter(self._proofs.items()))
        own, other = evidence.fits[proof.build], evidence.fits[_other(proof.build)]
        if min(other.score, other.score - own.score) >= _LEANING:
            raise InputError(
                f"all files of one analysis must be on the same build: {path} is {proof.build} ({proof.proof}), but "
                f"the records of {evidence.path} point to {_other(proof.build)} ({_figures(evidence.fits)})"
            )
        return BuildProof(proof.build, f"as {path} ({proof.proof})")

    def conclude(self, waiting: Sequence[Evidence]) -> None:
        """Hold all files against each other, once each was seen.

        Parameters
        ----------
        waiting : sequence of Evidence
            Of the files that have no proof yet.

        Raises
        ------
        InputError
            If a build remains open, or the records of all files contradict it.
        """
        if waiting:
            several = ", from all files together" if len(self._files) > 1 else ""
            stating = " or ".join(asked_as(f"--build {build}", f"build='{build}'") for build in reversed(Build))
            raise InputError(
                f"{waiting[0].path}: the genome build cannot be proven{several} (no contig lengths or assembly tags in "
                f"the header, too few records at panel loci); state it with {stating}"
            )
        builds = {proof.build for proof in self._proofs.values()}
        by_records = _winner(_added(self._files))
        if by_records is not None and builds == {_other(by_records)}:
            path, proof = next(iter(self._proofs.items()))
            raise InputError(
                f"{', '.join(item.path for item in self._files)}: together their records are those of {by_records} "
                f"({_figures(_added(self._files))}), but {path} is {proof.build} ({proof.proof}); correct the headers "
                "or the stated build"
            )
        for build in builds if len(builds) == 1 else ():
            paths, said = ", ".join(item.path for item in self._files), f"they are taken for {build}"
            _check_identifiers(paths, _added(self._files), build, said, "correct the headers or the stated build")


def _check_identifiers(path: str, fits: Fits, build: Build, said: str, remedy: str) -> None:
    """Refuse a build where the letters prove none, and the identifiers of records speak for the other.

    Identifiers alone are no proof of a build: a file whose letters fit neither is not to be believed for them.

    Raises
    ------
    InputError
        If records stand where loci lie on the other build, under the identifiers of these loci.
    """
    own, others = fits[build].named, fits[_other(build)].named
    if _winner(fits) is None and len(others) >= max(_NAMES, len(own) + 1):
        there = f"; {len(own)} at its position on {build}" if own else ""
        raise InputError(
            f"{path}: {said}, but {len(others)} records have the identifier of a locus at its position on "
            f"{_other(build)} ({few_of(sorted(others), 3)}){there}; {remedy}"
        )


def _drop() -> str:
    return f"drop {asked_as('--build', 'build=')} or correct it"


def _other(build: Build) -> Build:
    (other,) = set(Build) - {build}
    return other


def _added(files: Sequence[Evidence]) -> Fits:
    return {build: sum((evidence.fits[build] for evidence in files), Fit()) for build in Build}


def _winner(fits: Fits) -> Build | None:
    """Return the build that the records prove; being no records of the other build alone proves nothing."""
    for build in Build:
        fit = fits[build]
        if min(fit.score, fit.score - fits[_other(build)].score) >= _PROOF:
            return build
    return None


def _figures(fits: Fits) -> str:
    """Say how many records fit which build."""
    parts = [
        f"{fit.fitting} of {fit.records} records at panel positions of {build} fit it" for build, fit in fits.items()
    ]
    return ", ".join(parts)


def _claim(file: VcfFile, knowledge: Knowledge) -> tuple[BuildProof | None, str]:
    """Return what the header says, or a contig of a length that no known assembly has."""
    hits: dict[str, int] = {}
    odd = []
    known = accessions(knowledge)
    for name, contig in file.contigs.items():
        chrom = spellings(knowledge).get(name) or known.get(name, ("", ""))[1]
        if not chrom or contig.length is None:
            continue
        assembly = _assembly_by_length(knowledge).get((chrom, contig.length))
        if assembly is None:
            odd.append(f"{name} ({contig.length:,} bases)")
        else:
            hits[assembly] = hits.get(assembly, 0) + 1
    if len(hits) > 1:
        raise InputError(f"{file.path}: the header mixes contig lengths of {' and '.join(sorted(hits))}; correct it")
    if len(odd) > sum(hits.values()):
        _by_tags(file, knowledge)  # names an assembly that is not read
        return None, odd[0]
    for assembly, count in hits.items():
        return _read_or_refused(file, assembly, f"contig lengths of {counted(count, 'chromosome')}"), ""
    return _by_tags(file, knowledge), ""


@lru_cache(maxsize=4)
def _assembly_by_length(knowledge: Knowledge) -> Mapping[tuple[str, int], str]:
    return {(row["chrom"], row["length"]): row["build"] for row in knowledge.rows("contigs")}


def _by_tags(file: VcfFile, knowledge: Knowledge) -> BuildProof | None:
    """Look for assembly tags, reference lines and accessions as names of contigs."""
    tags = [(f"assembly tag {contig.assembly!r}", contig.assembly) for contig in file.contigs.values()]
    tags += [("the ##reference line", line) for line in file.references]
    found = {
        assembly: [where for where, text in tags if text and pattern.search(text)] for assembly, pattern in TAGS.items()
    }
    for name in sorted(file.known_contigs() & accessions(knowledge).keys()):
        archive = "RefSeq" if name.startswith("NC_") else "GenBank"
        found[accessions(knowledge)[name][0]].append(f"{archive} contig {name}")
    named = {assembly: where[0] for assembly, where in found.items() if where}
    if len(named) > 1:
        raise InputError(f"{file.path}: the header names both builds ({', '.join(named.values())}); correct the header")
    for assembly, where in named.items():
        return _read_or_refused(file, assembly, where)
    return None


def _read_or_refused(file: VcfFile, assembly: str, where: str) -> BuildProof:
    """Return the proof of a build that is read; refuse another assembly by its name."""
    if assembly not in set(Build):
        raise InputError(
            f"{file.path}: the file is on {assembly} ({where}); lupus_pgx reads GRCh37 and GRCh38, and it is neither: "
            "lift it over or call again"
        )
    return BuildProof(Build(assembly), where)


def _check_names(file: VcfFile, knowledge: Knowledge) -> None:
    """Refuse a file of which no contig is understood."""
    understood = file.known_contigs() & spellings(knowledge).keys()
    strange = strange_contigs(file, knowledge)
    if strange and not any(file.holds(name) for name in understood):
        raise InputError(
            f"{file.path}: no contig name is understood (found {few_of(strange)}); expected names such as chr6, 6, "
            "06, NC_000006.12 or CM000668.2: rename them (bcftools annotate --rename-chrs)"
        )


@lru_cache(maxsize=8)  # of both builds, of the tables and an overlay or two; each file of a cohort is held against it
def _sites(knowledge: Knowledge, build: Build) -> Mapping[tuple[str, int], Site]:
    sites = (locus.sites[build] for gene in knowledge.gene_names for locus in knowledge.loci_by_gene.get(gene, ()))
    return {(site.chrom, site.pos): site for site in sites}


@lru_cache(maxsize=8)
def _identifiers(knowledge: Knowledge, build: Build) -> Mapping[tuple[str, int], set[str]]:
    """Map positions of loci that lie elsewhere on the other build to their identifiers."""
    found: dict[tuple[str, int], set[str]] = {}
    for gene in knowledge.gene_names:
        for locus in knowledge.loci_by_gene.get(gene, ()):
            site, other = locus.sites[build], locus.sites[_other(build)]
            if locus.rsid and (site.chrom, site.pos) != (other.chrom, other.pos):
                found.setdefault((site.chrom, site.pos), set()).add(locus.rsid)
    return found


def _fits(
    file: VcfFile,
    knowledge: Knowledge,
    expected: Build | None,
    reach: int,
) -> Fits:
    """Score records at panel positions of both builds, until the expected build is proven or one leads by far."""
    chroms = spellings(knowledge)
    # The build is proven with every locus there is, whatever was asked for.
    sites = {build: _sites(knowledge, build) for build in Build}
    by_build = [gene_regions(file, knowledge, knowledge.gene_names, build, reach) for build in Build]
    groups = [group for gene in zip(*by_build, strict=True) for group in gene]
    identifiers = {build: _identifiers(knowledge, build) for build in Build}
    named: dict[Build, set[str]] = {build: set() for build in Build}
    judged: dict[Build, dict[tuple[str, int], float]] = {build: {} for build in Build}
    scores = dict.fromkeys(Build, 0.0)
    for record in file.preview(groups):
        place = (chroms[record.chrom], record.pos)
        for build in Build:
            site = sites[build].get(place)
            score = None if site is None else _score(site, record)
            if site is not None and record.identifier:
                named[build] |= identifiers[build].get(place, set()).intersection(names_in(record.identifier))
            if score is None:
                continue
            # Split records at one place are one observation; the worst counts.
            before = judged[build].get(place)
            judged[build][place] = score if before is None else min(score, before)
            scores[build] += judged[build][place] - (before or 0.0)
        if _enough(scores, expected):
            break
    return {
        build: Fit(scores[build], sum(score > 0 for score in found.values()), len(found), frozenset(named[build]))
        for build, found in judged.items()
    }


def _score(site: Site, record: RawRecord) -> float | None:
    """Return how much a record at a locus speaks for its build; None where it states no base."""
    if not has_bases(record.ref) or is_structural(record):
        return None  # REF of a stretch is often N, or the base before it
    if not site.context.agrees_with(record.pos, record.ref):
        return _REF_DISAGREES
    return _REF_AGREES + (_ALT_KNOWN if any(alt in site.alts for alt in record.alts) else 0.0)


def _enough(scores: Mapping[Build, float], expected: Build | None) -> bool:
    """Whether no further record need be looked at."""
    for build in Build:
        lead = min(scores[build], scores[build] - scores[_other(build)])
        if lead >= (_PROOF if build is expected else _BEYOND_DOUBT):
            return True
    return False
