"""The straight way from genotypes to a predicted-response summary."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypeVar

from lupus_pgx.calling.assumptions import assumable_genes, settle_absent
from lupus_pgx.calling.calls import Diplotypes, uncalled
from lupus_pgx.calling.diplotypes import call_diplotypes
from lupus_pgx.calling.markers import Markers, call_markers, uncalled_marker
from lupus_pgx.calling.phenoconversion import convert_phenotypes
from lupus_pgx.calling.phenotypes import assign_phenotypes
from lupus_pgx.context.given import contexts_of, only_context, read_context
from lupus_pgx.context.judged.earlier import with_failures
from lupus_pgx.context.judged.safety import Check, checks_of
from lupus_pgx.context.model import Context
from lupus_pgx.context.per_sample import per_sample, without
from lupus_pgx.context.sex import find_sex
from lupus_pgx.context.today import day_of
from lupus_pgx.door import checked
from lupus_pgx.encoded import same
from lupus_pgx.errors import UsageError, unknown_name
from lupus_pgx.genotypes.builds import parse_build
from lupus_pgx.genotypes.doubt import Quality
from lupus_pgx.genotypes.fasta import ReferenceGenome
from lupus_pgx.genotypes.looked_at import read_called_regions
from lupus_pgx.genotypes.model import Genotypes
from lupus_pgx.genotypes.reader import read_genotypes
from lupus_pgx.genotypes.sex_chromosomes import settle_copies
from lupus_pgx.knowledge.ancestry import ancestry_names
from lupus_pgx.knowledge.catalogue import Knowledge, load_knowledge
from lupus_pgx.knowledge.currency import warn_if_outdated
from lupus_pgx.reads.given import paths_given, sources
from lupus_pgx.response.judgement import MIN_CERTAINTY
from lupus_pgx.response.prediction import predict_responses
from lupus_pgx.response.told import with_genotypes
from lupus_pgx.results.notices import notices_of
from lupus_pgx.results.provenance import AnalyzedFile, Later, Provenance, checksum
from lupus_pgx.results.tables import Results
from lupus_pgx.review.above import with_levels
from lupus_pgx.review.levels import Levels
from lupus_pgx.review.review import Reviews
from lupus_pgx.summary import Analysis, PatientSummary
from lupus_pgx.terms import AbsentPolicy, Ancestry, Build, Sex
from lupus_pgx.words.asked import asked_as, named, stated_absent

if TYPE_CHECKING:
    from lupus_pgx.handover.files import Given as OutsideCalls
    from lupus_pgx.reads.given import Given, Source

WHAT_IF = "what-if"

_Term = TypeVar("_Term", AbsentPolicy, Ancestry, Sex)


@checked
def analyze(  # noqa: PLR0913 - one keyword per option of the contract
    paths: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
    *,
    build: str | None = None,
    samples: Sequence[str] | None = None,
    genes: Sequence[str] | None = None,
    drugs: Sequence[str] | None = None,
    absent: str = "unknown",
    ancestry: str | Mapping[str, str] | None = None,
    sex: str | Mapping[str, str] | None = None,
    min_certainty: float = MIN_CERTAINTY,
    min_gq: int | None = None,
    min_dp: int | None = None,
    min_allele_fraction: float | None = None,
    pass_filters: Sequence[str] = (),
    outside_calls: OutsideCalls | None = None,
    called_regions: str | PathLike[str] | None = None,
    alignments: Given | None = None,
    reference_fasta: str | PathLike[str] | None = None,
    context: str | PathLike[str] | Context | Mapping[str, Any] | None = None,
    threads: int = 1,
    knowledge: Knowledge | None = None,
    today: dt.date | str | None = None,
    sample_sheet: str | PathLike[str] | None = None,
    other_samples: Collection[str] = (),
) -> Analysis:
    """Predict drug response from genotypes.

    Parameters
    ----------
    paths : path or sequence of paths
        VCF (plain or bgzipped) or BCF files, one or many samples.
    build : str, optional
        ``GRCh37`` or ``GRCh38``; by default proven from the file.
    samples, genes, drugs : sequence of str, optional
        What to analyze; everything by default. Drugs may be named by an alias.
    absent : str
        ``unknown``: a locus without a record is not assessed. ``reference``: the caller looked
        at all sites and lists only variants, so an absent locus has the base of the file's build.
    ancestry : str or mapping of sample to str, optional
        1000 Genomes super-population (``AFR AMR EAS EUR SAS``), or a word of the table ``ancestry_names``
        that stands for one. Without it a statement counts only if it holds in every population.
    sex : str or mapping of sample to str, optional
        ``female`` or ``male`` (or ``F``, ``XY`` ...), for genes on chromosome X.
    min_certainty : float
        Probability from which an action fires, above 0.5 and at most 1.
    min_gq, min_dp : int, optional
        Genotypes with a lower GQ or DP are not used.
    min_allele_fraction : float, optional
        Genotypes in which a called allele has a smaller share of the reads (AD) are not used.
    pass_filters : sequence of str
        Values of FILTER and FORMAT/FT that are no failure, beside those of the table ``filters``.
    outside_calls : path, sequence of paths or mapping of name to path, optional
        Calls made elsewhere (``docs/outside-calls.md``): CYP2D6 with copy numbers and hybrids, HLA typings, or any
        other gene, in our table, PharmCAT's form or a result file of another caller. They override the VCF. The name
        in a mapping is the sample, or the gene, that the file does not name.
    called_regions : path, optional
        BED of what the caller looked at, with ``absent="reference"``: it alone decides, locus by locus, where an
        absent locus carries the genome base.
    alignments : path, sequence of paths or mapping of sample to path, optional
        BAM or CRAM files with their index, or lists of them (``sample<TAB>path``): their reads speak at loci that
        have no record (``docs/reads.md``). Without a mapping the samples are those of ``@RG SM``.
    reference_fasta : path, optional
        Indexed genome, to align indels against, and to decode CRAM. Not needed for the shipped loci: each brings
        the sequence over which it may be shifted.
    context : path, Context or mapping, optional
        Clinical context (``docs/context.md``): a file, what :func:`load_context` returns, or the fields of
        one patient. Its sex and ancestry are used like the arguments; its co-medication adjusts phenotypes.
    threads : int
        How many processes may read, 1 or more: of several files, one each at a time (Linux, where this process has no
        other thread). The answer never depends on it. Threads gained no time when they were measured, nor does it
        change anything for one file, with ``reference_fasta`` or where one of the files is a pipe (``docs/speed.md``).
    knowledge : Knowledge, optional
        Knowledge tables; the shipped ones by default.
    today : date or str, optional
        The day that counts as today (``YYYY-MM-DD``): later dates in the context are refused, and what is due
        later is not judged. The day of the clock by default; the provenance names it.
    sample_sheet : path, optional
        A table with a row for each sample, in the place of ``paths``: its file, and what is known of it
        (``docs/cohorts.md``).
    other_samples : collection of str
        Further samples of the cohort, in other files: what is stated of each sample, and calls made elsewhere, may be
        of them, and are then left alone.

    Returns
    -------
    Analysis

    Raises
    ------
    UsageError
        If an argument, gene, drug or sample is not known, ``today`` is no date, or one contradicts the context.
    InputError
        If a file cannot be used, or its build cannot be proven.

    Examples
    --------
    >>> import lupus_pgx, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> files = lupus_pgx.write_example(folder)
    >>> analysis = lupus_pgx.analyze(files["patients.GRCh38.vcf.gz"], drugs=["MMF"])
    >>> analysis.patient("LN-01").drug("MMF").response.value
    'reduced_exposure'
    """
    knowledge, day = _tables_and_day(knowledge, today)
    if sample_sheet is not None:
        from lupus_pgx.sample_sheet import as_options

        of_sheet = {
            "build": build, "samples": samples, "sex": sex, "ancestry": ancestry, "outside_calls": outside_calls,
            "alignments": alignments, "called_regions": called_regions, "context": context, "paths": paths or None,
        }  # fmt: skip
        return analyze(
            genes=genes, drugs=drugs, absent=absent, min_certainty=min_certainty, min_gq=min_gq, min_dp=min_dp,
            min_allele_fraction=min_allele_fraction, pass_filters=pass_filters, reference_fasta=reference_fasta,
            threads=threads, knowledge=knowledge, today=today, other_samples=other_samples,
            **as_options(fspath(sample_sheet), of_sheet, knowledge, day),
        ).after_reading(fspath(sample_sheet))  # fmt: skip
    _check_bounds(min_certainty, min_gq, min_dp, min_allele_fraction, threads)
    pass_filters = _names(asked_as("--pass-filter", "pass_filters"), pass_filters)
    policy = _term(AbsentPolicy, "absent policy", absent)
    files = [fspath(path) for path in ([paths] if isinstance(paths, str | PathLike) else paths)]
    if not files:
        raise UsageError("no input file was given: expected one or more VCF or BCF files")
    reads = sources(alignments) if alignments is not None else ()
    given_context = read_context(context, knowledge, day)
    chosen_genes = knowledge.select_genes(genes)
    if called_regions is not None and policy is not AbsentPolicy.REFERENCE:
        raise UsageError(f"{named('called_regions')} would do nothing: it goes with {stated_absent()}")
    called = read_called_regions(fspath(called_regions), knowledge) if called_regions is not None else None
    chosen_drugs = knowledge.select_drugs(drugs)
    with _genome(reference_fasta, knowledge) as genome:
        genotypes = read_genotypes(
            files,
            knowledge,
            chosen_genes,
            build=parse_build(build),
            samples=samples,
            absent=policy,
            called=called,
            tested=assumable_genes(knowledge),
            quality=Quality(min_gq, min_dp, min_allele_fraction),
            pass_filters=pass_filters,
            genome=genome,
            processes=threads,
        )
    selected, here = samples is not None, genotypes.sample_ids
    stated_ancestry = per_sample(
        ancestry_names(knowledge).find, "ancestry", without(ancestry, other_samples, here), here, selected=selected
    )
    stated_sex = per_sample(find_sex, "sex", without(sex, other_samples, here), here, selected=selected)
    contexts = contexts_of(without(given_context, other_samples, here), here, selected=selected)
    ancestries = _joined("ancestry", stated_ancestry, contexts)
    genotypes = settle_absent(genotypes, knowledge, chosen_genes, ancestries, more=bool(reads))
    if reads:
        _add_reads(genotypes, reads, knowledge, _path(reference_fasta), some=samples is not None)
    sexes = _joined("sex", stated_sex, contexts)
    settle_copies(genotypes, sexes)
    diplotypes = call_diplotypes(genotypes, knowledge, chosen_genes, ancestries)
    markers = call_markers(genotypes, knowledge, chosen_genes)
    if outside_calls is not None:
        others = (*genotypes.others, *other_samples)
        diplotypes, markers = _overridden(outside_calls, diplotypes, markers, knowledge, sexes, others)
    gene_calls = convert_phenotypes(assign_phenotypes(diplotypes, knowledge), contexts, knowledge)
    contexts = with_genotypes(contexts, gene_calls, knowledge, min_certainty)
    levels = {sample: Levels(known, knowledge) for sample, known in contexts.items()}
    checks = _all_checks([drug.drug for drug in chosen_drugs], contexts, levels, genotypes.sample_ids, knowledge)
    responses = predict_responses(gene_calls, markers, chosen_drugs, min_certainty=min_certainty, checks=checks)
    parameters = {
        "build": build,
        "samples": list(samples) if samples is not None else None,
        "genes": list(chosen_genes),
        "drugs": [drug.drug for drug in chosen_drugs],
        "absent": policy.value,
        "ancestry": {sample: value.value for sample, value in stated_ancestry.items()},
        "sex": {sample: value.value for sample, value in stated_sex.items()},
        "min_certainty": min_certainty,
        "min_gq": min_gq,
        "min_dp": min_dp,
        "min_allele_fraction": min_allele_fraction,
        "pass_filters": list(pass_filters),
        "outside_calls": _outside_parameter(outside_calls),
        "called_regions": _path(called_regions),
        "alignments": [{"sample": item.sample, "path": item.path} for item in reads] or None,
        "reference_fasta": _path(reference_fasta),
        "context": _context_parameter(context, contexts),
        # Without a context nothing depends on the day, and the same input gives the same bytes tomorrow.
        "today": day.isoformat() if context is not None or today is not None else None,
    }
    inputs = tuple(
        AnalyzedFile(path, proof.build.value, proof.proof, proof.unread, proof.left_out)
        for path, proof in genotypes.proofs
    )
    reviews = Reviews(contexts, gene_calls, markers, responses, knowledge, day, levels)
    results = Results(genotypes, gene_calls, markers, responses, reviews)
    provenance = Provenance(
        knowledge.release, parameters, inputs, Later(knowledge.provenance), notices_of(results), genotypes.not_assumed,
        paths_given(alignments),
    )  # fmt: skip
    return Analysis(results, knowledge, provenance, ancestries, contexts)


def _add_reads(
    genotypes: Genotypes, reads: Sequence[Source], knowledge: Knowledge, reference: str | None, *, some: bool
) -> None:
    from lupus_pgx.genotypes.coverage import add_reads

    add_reads(genotypes, reads, knowledge, reference=reference, some=some)


def _overridden(
    given: OutsideCalls,
    diplotypes: Diplotypes,
    markers: Markers,
    knowledge: Knowledge,
    sexes: Mapping[str, Sex],
    others: Sequence[str],
) -> tuple[Diplotypes, Markers]:
    """Let calls made elsewhere stand in the place of our own."""
    from lupus_pgx.calling.outside import override
    from lupus_pgx.handover.given import handed_over

    handed = handed_over(given, knowledge, diplotypes.sample_ids, others=others)
    female = {sample for sample, value in sexes.items() if value is Sex.FEMALE}
    return override(diplotypes, markers, handed, knowledge, female)


def _path(given: str | PathLike[str] | None) -> str | None:
    return None if given is None else fspath(given)


@checked
def respond(
    calls: Mapping[str, str] | None = None,
    drugs: Sequence[str] | None = None,
    knowledge: Knowledge | None = None,
    context: str | PathLike[str] | Context | Mapping[str, Any] | None = None,
    today: dt.date | str | None = None,
    outside_calls: OutsideCalls | None = None,
) -> PatientSummary:
    """Predict drug response from calls that are already known.

    Parameters
    ----------
    calls : mapping of str to str, optional
        Diplotypes by gene (``{"TPMT": "*1/*3A"}``), marker genotypes by gene or by gene and
        marker (``{"FCGR3A": "V/F"}``). In place of a diplotype a phenotype, ``score 1.5``, several pairs joined by
        ``or``, ``no call``, and of an HLA gene ``*57:01 positive``. Genes not given are not assessed.
    drugs : sequence of str, optional
        Drugs to judge; all of them by default.
    knowledge : Knowledge, optional
    context : path, Context or mapping, optional
        Clinical context of one patient, under any sample name.
    today : date or str, optional
        The day that counts as today (``YYYY-MM-DD``); that of the clock by default.
    outside_calls : path, sequence of paths or mapping of name to path, optional
        Result files of other callers, of one patient, under any sample name.

    Returns
    -------
    PatientSummary
        Of a sample called ``what-if``.

    Raises
    ------
    UsageError
        If a gene, marker, allele or drug is unknown, a call is no text, a woman has one allele of a gene on X, the
        context is of several patients, or ``today`` is no date.
    InputError
        If the context or a file is faulty, or the files are of several patients.

    Examples
    --------
    >>> patient = respond({"TPMT": "*1/*3A", "NUDT15": "*1/*1"})
    >>> response = patient.drug("azathioprine")
    >>> response.action.value, response.factor_low, response.factor_high
    ('reduce_dose', 0.3, 0.8)
    """
    from lupus_pgx.calling.outside import given_alone

    knowledge, day = _tables_and_day(knowledge, today)
    stars = {gene: uncalled(star) for gene, star in knowledge.star_genes.items()}
    markers = {key: uncalled_marker(marker) for key, marker in knowledge.markers_by_key.items()}
    known = only_context(read_context(context, knowledge, day))
    female = known is not None and known.sex is Sex.FEMALE
    given_alone({} if calls is None else calls, outside_calls, knowledge, stars, markers, female=female)
    first = same(1)
    diplotypes = Diplotypes((WHAT_IF,), {gene: (call,) for gene, call in stars.items()}, dict.fromkeys(stars, first))
    marker_calls = Markers((WHAT_IF,), {key: (call,) for key, call in markers.items()}, dict.fromkeys(markers, first))
    contexts = {WHAT_IF: known} if known is not None else {}
    gene_calls = convert_phenotypes(assign_phenotypes(diplotypes, knowledge), contexts, knowledge)
    contexts = with_genotypes(contexts, gene_calls, knowledge, MIN_CERTAINTY)
    chosen = knowledge.select_drugs(drugs)
    names = [drug.drug for drug in chosen]
    levels = {sample: Levels(one, knowledge) for sample, one in contexts.items()}
    checks = _all_checks(names, contexts, levels, [WHAT_IF], knowledge)
    responses = predict_responses(gene_calls, marker_calls, chosen, checks=checks)
    nothing_read = Genotypes.empty(Build.GRCH38, [WHAT_IF], [])
    reviews = Reviews(contexts, gene_calls, marker_calls, responses, knowledge, day, levels)
    results = Results(nothing_read, gene_calls, marker_calls, responses, reviews)
    return PatientSummary(results, knowledge, known.ancestry if known else None, stated=True, context=known)


def _tables_and_day(knowledge: Knowledge | None, today: dt.date | str | None) -> tuple[Knowledge, dt.date]:
    """Return the tables and the day that counts as today, and warn where the tables are old on that day."""
    tables, day = knowledge or load_knowledge(), day_of(today)
    warn_if_outdated(tables, day)
    return tables, day


def _all_checks(
    drugs: Sequence[str],
    contexts: Mapping[str, Context],
    levels: Mapping[str, Levels],
    sample_ids: Sequence[str],
    knowledge: Knowledge,
) -> dict[tuple[str, int], tuple[Check, ...]]:
    """Return what contexts say of drugs: conditions, interactions, levels outside their range, earlier failures."""
    found = with_levels(checks_of(drugs, contexts, sample_ids, knowledge), drugs, levels, sample_ids)
    return with_failures(found, drugs, contexts, sample_ids)


def _genome(path: str | PathLike[str] | None, knowledge: Knowledge) -> AbstractContextManager[ReferenceGenome | None]:
    return nullcontext() if path is None else ReferenceGenome(fspath(path), knowledge)


def _check_bounds(
    min_certainty: float, min_gq: int | None, min_dp: int | None, min_allele_fraction: float | None, threads: int
) -> None:
    """Refuse numbers that mean nothing; a bound of NaN would let everything through."""
    if not 0.5 < min_certainty <= 1:
        raise UsageError(f"{named('min_certainty')} must be above 0.5 and at most 1; found {min_certainty}")
    for name, bound in (("min_gq", min_gq), ("min_dp", min_dp)):
        if bound is not None and not 0 <= bound < math.inf:
            raise UsageError(f"{named(name)} must be 0 or more, and finite; found {bound}")
    if min_allele_fraction is not None and not 0 <= min_allele_fraction <= 0.5:
        raise UsageError(f"{named('min_allele_fraction')} must be from 0 to 0.5; found {min_allele_fraction}")
    if threads < 1:
        raise UsageError(f"{named('threads')} must be a whole number, 1 or more; found {threads}")


def _names(what: str, given: Sequence[str]) -> list[str]:
    """Return names of which none is empty; one word alone is one name."""
    names = [given] if isinstance(given, str) else list(given)
    if not all(name.strip() for name in names):
        raise UsageError(f"{what}: a name is empty")
    return names


def _term(kind: type[_Term], what: str, value: str) -> _Term:
    try:
        return kind(value)
    except ValueError:
        raise unknown_name(what, str(value), [term.value for term in kind]) from None


def _joined(what: str, stated: Mapping[str, _Term], contexts: Mapping[str, Context]) -> dict[str, _Term]:
    """Return what an option and the contexts say of each sample.

    Raises
    ------
    UsageError
        If the two contradict each other.
    """
    found: dict[str, _Term] = {
        sample: value for sample, item in contexts.items() if (value := getattr(item, what)) is not None
    }
    for sample, value in found.items():
        if stated.get(sample, value) != value:
            raise UsageError(f"{what} of {sample!r}: the option says {stated[sample]}, the context says {value}")
    return {**stated, **found}


def _outside_parameter(given: OutsideCalls | None) -> str | list[str] | None:
    """Return the files of calls made elsewhere, as they were given."""
    if given is None:
        return None
    from lupus_pgx.handover.files import paths_of

    found = [f"{name}={path}" if name else path for name, path in paths_of(given)]
    return found[0] if len(found) == 1 else found


def _context_parameter(given: object, contexts: Mapping[str, Context]) -> dict[str, Any] | None:
    """Say that a context was used, without anything of what is in it."""
    if given is None:
        return None
    path = fspath(given) if isinstance(given, str | PathLike) else None
    return {"file": path, "sha256": checksum(path) if path is not None else None, "samples": len(contexts)}
