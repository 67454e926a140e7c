"""Plain-text reasoning behind one drug's prediction: from loci to citations."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lupus_pgx.context.judged.checks import UNREAD
from lupus_pgx.genotypes.builds import chrom_name
from lupus_pgx.genotypes.codes import phase_set_name, status_name
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.genes import StarGene
from lupus_pgx.knowledge.rules import EvidenceRow, gene_of
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.report.text import adjustment_lines
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.results.notices import shared_notices
from lupus_pgx.results.patient import AnalysisData, PatientData
from lupus_pgx.results.sentences import summary_of, unseen_text
from lupus_pgx.terms import RESEARCH_USE, CallStatus, LocusStatus
from lupus_pgx.words.amounts import cap_text, dose_text, range_text
from lupus_pgx.words.lines import few_of, wrap
from lupus_pgx.words.remedies import Notice, as_note, elsewhere_texts
from lupus_pgx.words.sentences import cited_text, subject_text
from lupus_pgx.words.vocabulary import ACTIONS, CALLS, CHECK_FIRST, NOT_REREAD, evidence_word, plain

if TYPE_CHECKING:
    from lupus_pgx.knowledge.cells import ApprovalsCells

_SHOWN = 5

_TOLD = 0.001
"""From this probability on a haplotype without a name stands among the candidates."""

_SETTLED = frozenset(
    {CallStatus.CERTAIN.value, CallStatus.PROBABLE.value, CallStatus.OUTSIDE.value, LocusStatus.OBSERVED.value}
)
"""Statuses of a genotype that leaves no question."""


def explain_all(analysis: AnalysisData, drug: str) -> str:
    """Explain the prediction for one drug of each patient of an analysis; what is of several of them is said once."""
    shared = shared_notices(analysis.results)
    texts = [
        explain(analysis.data_of(sample), drug, own)
        for sample, own in zip(analysis.sample_ids, shared.own, strict=True)
    ]
    lines = [line for whom, notice in shared.once for line in (*_wrap(as_note(notice, whom)), "")]
    return "\n".join([*lines, "\n\n".join(texts)])


def explain(patient: PatientData, drug: str, notices: Sequence[Notice] | None = None) -> str:
    """Explain the prediction for one drug.

    Parameters
    ----------
    patient : PatientData
    drug : str
        Name or alias of the drug.
    notices : sequence of Notice, optional
        Those that were not said before; all by default.

    Returns
    -------
    str
        Observed loci, candidates with probabilities, what is missing and what would settle
        it, the rules and evidence rows that fired, and their citations.

    Raises
    ------
    UsageError
        If the drug is unknown or was not analyzed.
    """
    response = patient.response_to(drug)
    name = response.drug.drug
    own = patient.notices if notices is None else notices
    lines = [f"{name} for {patient.sample_id}", "", *_wrap(summary_of(response)), ""]
    lines += [line for notice in own for line in (*_wrap(as_note(notice)), "")]
    told = [key for key in response.drug.keys if _bears(patient, response, key)]
    for number, key in enumerate(told, start=1):
        if key in patient.results.genes.values:
            lines += [f"{number}. {key}", *_gene(patient, key), ""]
        elif key in patient.results.markers.values:
            lines += [f"{number}. {key}", *_marker(patient, key), ""]
        else:
            lines += [f"{number}. {key}", "   not among the genes of this analysis", ""]
    silent = [_called(patient, key) for key in response.drug.keys if key not in told]
    if silent:
        lines += ["Looked at, and nothing follows from it for this drug", *_wrap("; ".join(silent), 3), ""]
    hidden = _not_assessable(patient.knowledge, told)
    lines += ["What a VCF cannot tell of these genes", *hidden, ""] if hidden else []
    lines += ["Guideline rows that fired", *(_guidance(response) or ["   none"]), ""]
    mine = [item for item in response.evidence if item.condition is not None and not item.of_disease]
    disease = [item for item in response.evidence if item.condition is not None and item.of_disease]
    others = [item for item in response.evidence if item.condition is None]
    lines += ["Evidence rows that the genotypes of this patient meet", *(_evidence(mine) or ["   none"]), ""]
    if disease:
        lines += ["Risk or course of the disease, which changes no choice of a drug", *_evidence(disease), ""]
    if others:
        lines += ["Evidence on this drug that no genotype of the patient bears on", *_named(others), ""]
    lines += ["Clinical context", *_checks(response), ""] if response.checks else []
    licences = [row for row in patient.knowledge.rows("approvals") if row["drug"] == name]
    lines += ["Licence for lupus", *(line for row in licences for line in _licence(row)), ""] if licences else []
    lines += ["Citations", *_citations(patient.knowledge, response), "", *_wrap(RESEARCH_USE)]
    lines.append(f"Data release {patient.knowledge.release}.")
    return "\n".join(lines)


def _bears(patient: PatientData, response: DrugResponse, key: str) -> bool:
    """Whether a gene bears on what is said of a drug: a guideline or met evidence asks for it, or it is open."""
    met = [item for item in response.evidence if item.condition is not None and not item.of_disease]
    asked = {name for item in met if item.condition is not None for name in item.condition.keys}
    return key in response.drug.rule_keys or key in asked or not _is_settled(patient, key)


def _is_settled(patient: PatientData, key: str) -> bool:
    """Whether the genotype is known and certain."""
    results = patient.results
    if key in results.genes.values:
        return results.genes.of(key, 0).diplotype.status in _SETTLED
    return key in results.markers.values and results.markers.of(key, 0).status in _SETTLED


def _called(patient: PatientData, key: str) -> str:
    """Name a genotype in a few words."""
    results = patient.results
    if key in results.genes.values:
        known = results.genes.of(key, 0)
        return f"{key} {known.diplotype.diplotype or '-'} ({known.phenotype.best or 'no phenotype'})"
    call = results.markers.of(key, 0)
    return f"{key} {call.genotype or '-'} ({call.category or 'category open'})"


def _not_assessable(knowledge: Knowledge, keys: Sequence[str]) -> list[str]:
    """Say what of some genes has to be measured otherwise."""
    genes = set(map(gene_of, keys))
    lines = []
    for row in knowledge.rows("not_assessable"):
        if genes & set(split_list(row["gene"])):
            lines += _wrap(f"{row['feature']}: {row['reason']}; measured by {row['how_to_measure']}", 3)
    return lines


def _wrap(text: str, indent: int = 0) -> list[str]:
    """Wrap text; identifiers and addresses stay whole, so that they can be copied."""
    return wrap(text, " " * indent, " " * (indent + 2 * bool(indent)), whole=True)


def _loci(patient: PatientData, gene: str, wanted: set[str] | None = None) -> list[str]:
    """List the loci that carry something other than the genome base, and count the rest."""
    genotypes = patient.results.genotypes
    lines = []
    unchanged = 0
    counts: dict[LocusStatus, list[str]] = {}
    for number, locus in enumerate(genotypes.loci):
        if locus.gene != gene or (wanted is not None and locus.name not in wanted):
            continue
        *codes, phase, code = genotypes.state(number, 0)
        status = status_name(code)
        site = locus.sites[genotypes.build]
        if status not in (LocusStatus.OBSERVED, LocusStatus.HALF_CALL, LocusStatus.UNEXPECTED_ALLELE):
            counts.setdefault(status, []).append(locus.name)
        elif codes == [0, 0] and not locus.essential:
            unchanged += 1
        else:
            phased = "|" if phase_set_name(phase, site.chrom) else "/"
            letters = phased.join(genotypes.letters(number, code) for code in codes)
            place = f"{chrom_name(site.chrom, genotypes.build)}:{site.pos}"
            essential = ", essential" if locus.essential else ""
            effect = f"; {locus.effect}" if locus.effect else ""
            lines += _wrap(f"{locus.name} at {place} is {letters} ({status}{essential}{effect})", 3)
    if unchanged:
        lines.append(f"   {unchanged} further loci observed without a listed change")
    for status, names in counts.items():
        lines += _wrap(f"{plain(status)}: {few_of(names, _SHOWN)}{_SETTLING.get(status, '')}", 3)
    return lines


_SETTLING = {
    LocusStatus.DOUBTFUL: "; the record's own figures leave it open: deeper reads or another method would settle it",
    LocusStatus.IMPUTED: "; not measured but inferred from a panel: a measured genotype would settle it",
    LocusStatus.CONTRADICTORY: "; records state different genotypes: another method would settle it",
}


def _gene(patient: PatientData, gene: str) -> list[str]:
    star: StarGene = patient.knowledge.star_genes[gene]
    known = patient.results.genes.of(gene, 0)
    call, phenotype = known.diplotype, known.phenotype
    lines = [] if patient.stated else _loci(patient, gene)
    for candidate in call.leading[:_SHOWN]:
        probability = "given" if call.status is CallStatus.OUTSIDE else range_text(candidate.by_prior, call.evidence)
        lines += _wrap(f"candidate {candidate.name} ({probability}){_meaning(star, candidate.alleles)}", 3)
    if call.n_candidates > _SHOWN:
        lines.append(f"   and {call.n_candidates - _SHOWN} less probable candidates")
    nameless = max(call.other, default=0.0)
    if call.leading and nameless >= _TOLD:
        lines += _wrap(f"no named pair: a copy that no named allele describes ({range_text(call.other)})", 3)
    lines += _wrap(f"call: {call.diplotype or '-'}, {CALLS[call.status].label}; {phenotype.best or 'no phenotype'}", 3)
    if call.note:
        lines += _wrap(f"note: {call.note}", 3)
    lines += [line for text in adjustment_lines(known) for line in _wrap(text, 3)]
    unphased, unseen = _unphased(patient, gene) > 1, bool(call.missing) and not patient.stated
    where = _positions(patient, gene)
    lines += _settle(call.missing_essential, where, call.n_candidates, star.caveat, unphased=unphased, unseen=unseen)
    elsewhere = elsewhere_texts(typing=call.is_open_typing, structure=call.structure_open, outside=call.is_open_outside)
    return lines + [line for text in elsewhere for line in _wrap(text, 3)]


def _meaning(star: StarGene, alleles: Sequence[str]) -> str:
    """Say which functions alleles have and what follows; nothing of a typing, which has none."""
    if star.typing:
        return ""
    functions = " + ".join(star.functions.get(allele, "function not listed").lower() for allele in alleles)
    score = star.activity_score(alleles)
    functions += f" (activity score {score:g})" if score is not None else ""
    return f": {functions} -> {star.phenotype(alleles) or 'no rule'}"


def _unphased(patient: PatientData, gene: str) -> int:
    """Count the heterozygous loci of a gene whose alleles lie on the one copy or on the other."""
    genotypes = patient.results.genotypes
    count = 0
    for number, locus in enumerate(genotypes.loci):
        if locus.gene == gene:
            first, second, phase, _ = genotypes.state(number, 0)
            two = first != second and min(first, second) >= 0
            count += two and not phase_set_name(phase, locus.sites[genotypes.build].chrom)
    return count


def _positions(patient: PatientData, gene: str) -> str:
    """Return the command that lists the loci of a gene, as it can be pasted."""
    overlay = patient.knowledge.overlay
    words = ["--build", patient.results.genotypes.build, "--genes", gene]
    return shlex.join(["lupus-pgx", "positions", *words, *(["--overlay", overlay.folder] if overlay else [])])


def _settle(
    missing: tuple[str, ...], where: str, candidates: int, caveat: str, *, unphased: bool, unseen: bool
) -> list[str]:
    """Say what would make the call certain: phase where loci are heterozygous, loci where some are missing.

    ``where`` is the command that says where these lie; it has a line of its own, which nobody breaks.
    """
    lines = []
    phase = ["phase (long reads, family)"] if unphased else []
    settling = " or ".join([*phase, *(["the missing loci"] if unseen else [])])
    if missing:
        lines += [*_wrap(f"to settle: genotype {', '.join(missing)}; where they lie:", 3), f"     {where}"]
    elif candidates > 1 and settling:
        lines += _wrap(f"to settle: {settling} would leave one candidate", 3)
    return lines + (_wrap(f"caveat: {caveat}", 3) if caveat else [])


def _marker(patient: PatientData, key: str) -> list[str]:
    call = patient.results.markers.of(key, 0)
    marker = patient.knowledge.markers_by_key[key]
    lines = [] if patient.stated else _loci(patient, call.gene, {locus.name for locus in marker.haplotypes.loci})
    lines += _wrap(f"call: {call.genotype or '-'}, {plain(call.status)}; {call.category or 'category open'}", 3)
    if call.note:
        lines += _wrap(f"note: {call.note}", 3)
    return lines + (_wrap(f"caveat: {marker.caveat}", 3) if marker.caveat else [])


def _guidance(response: DrugResponse) -> list[str]:
    lines = []
    for rule in response.guidance:
        row = rule.row
        dose = dose_text(row["factor_low"], row["factor_high"], row["dose_basis"] or "")
        cap = cap_text(row["cap"], row["unit"])
        details = "; ".join(part for part in (dose, cap) if part)
        action = f"{ACTIONS[rule.action].label}{f' ({details})' if details else ''}"
        lines += _wrap(f"{rule.source} {rule.edition}, {rule.population}: if {rule.condition.text}, then {action}", 3)
        if row["applies_if"]:
            lines += _wrap(f"applies if {row['applies_if']}", 5)
        lines += _wrap(f"{row['advice'] or ''} [{row['citation']}] (row {rule.rule} of guidance)".strip(), 5)
    return lines


def _checks(response: DrugResponse) -> list[str]:
    """List what the clinical context meets and leaves open; it stands beside the genotype's action."""
    lines = []
    for check in response.checks:
        if check.known:
            cited = "; ".join(part for part in (", ".join(check.citations), check.source_note) if part)
            lines += _wrap(f"{check}: {check.advice} [{cited}]", 3)
    first = [check for check in response.said if not check.known]
    for check in first:
        lines += _wrap(f"check first, before all else: {check.topic} [{', '.join(check.citations)}]", 3)
    told = {check.topic for check in first}
    rest = [check for check in response.checks if not check.known and not check.unseen and check.topic not in told]
    still = dict.fromkeys(check.question for check in rest)
    lines += _wrap(f"{CHECK_FIRST}: {', '.join(still)}", 3) if still else []
    return lines + (_wrap(unseen_text(response.not_answered), 3) if response.not_answered else [])


def _named(rows: Sequence[EvidenceRow]) -> list[str]:
    """Name rows in words, without repeating what they say of others: gene and variant, effect, source, identifier."""
    lines = []
    for item in rows:
        row = item.row
        lines += _wrap(f"{_subject(item)} [{row['citation']}] (row {item.evidence} of evidence)", 3)
    return lines


def _subject(item: EvidenceRow) -> str:
    """Say of which gene and variant a row is, its effect and how strong it is."""
    row = item.row
    what = subject_text(row["gene"], row["marker"])
    return f"{what}: {evidence_word(row['direction'])} ({evidence_word(row['evidence_level'])})"


def _evidence(rows: Sequence[EvidenceRow]) -> list[str]:
    lines = []
    for item in rows:
        row = item.row
        lines += _wrap(f"{_subject(item)}: {row['finding']}", 3)
        size = f"{row['effect_size']}; " if row["effect_size"] else ""
        lines += _wrap(f"{size}{row['population']} [{row['citation']}] (row {item.evidence} of evidence)", 5)
    return lines


def _licence(row: ApprovalsCells) -> list[str]:
    """Say whether a drug is licensed for lupus, and when that was looked up."""
    form = f" ({row['form']})" if row["form"] else ""
    since = f" since {row['since']}" if row["since"] else ""
    unread = f"; {NOT_REREAD}" if row["checked"] == UNREAD else ""
    text = f"{row['jurisdiction']}: {row['indication']}{form}: {row['status']}{since}, checked on {row['checked_on']}"
    return _wrap(f"{text}{unread}. {row['says']} [{row['citation']}]", 3)


def _citations(knowledge: Knowledge, response: DrugResponse) -> list[str]:
    by_name = {row["citation"]: row for row in knowledge.rows("citations")}
    lines = []
    shown = [name for check in response.checks if check.known for name in check.citations]
    licences = [row["citation"] for row in knowledge.rows("approvals") if row["drug"] == response.drug.drug]
    for name in dict.fromkeys((*response.citations, *split_list(response.drug.row["citation"]), *shown, *licences)):
        row = by_name[name]
        newer = knowledge.newer_documents.get(name)
        since = f", {newer.text}" if newer is not None else ""
        lines += _wrap(f"[{name}] {cited_text(row['authors'], row['year'], row['topic'])}{since}. {row['url']}", 3)
    return lines
