"""One patient as a FHIR R4 bundle after HL7 Genomics Reporting STU3, as plain data: docs/fhir.md says what it holds.

Words are those of every other output (:mod:`lupus_pgx.results.sentences`); LOINC answer codes are rows of the table
``fhir_codes``. What was not assessed has no value and says why; nothing here is ever a clearance by silence.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lupus_pgx._version import __version__
from lupus_pgx.calling.calls import PROBABLE
from lupus_pgx.calling.markers import MarkerCall
from lupus_pgx.calling.phenotypes import GeneCall, PhenotypeCall
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.knowledge.rules import gene_of
from lupus_pgx.knowledge.tables import split_list
from lupus_pgx.progress import track
from lupus_pgx.response.certainty import Assessed
from lupus_pgx.response.drugs import DrugResponse
from lupus_pgx.response.values import ConflictKind
from lupus_pgx.results.fhir_types import (
    GUIDE,
    GUIDE_CODES,
    LOINC,
    Json,
    coded,
    component,
    concept,
    conclusion,
    loinc_concept,
    narrative,
    no_value,
    text_value,
)
from lupus_pgx.results.files import PATIENTS, file_name, write_texts
from lupus_pgx.results.notices import absence_sentence
from lupus_pgx.results.sentences import overall_word, summary_of, unseen_text
from lupus_pgx.terms import RESEARCH_USE, Action, CallStatus, LocusStatus, Response
from lupus_pgx.words.amounts import called_text, range_text
from lupus_pgx.words.lines import counted
from lupus_pgx.words.remedies import as_note
from lupus_pgx.words.sentences import assumed_drugs, assumed_text
from lupus_pgx.words.vocabulary import CALLS, JUDGED, RESPONSES, evidence_word, listed, plain

if TYPE_CHECKING:
    from lupus_pgx.results.patient import AnalysisData, PatientData

_PROFILE = f"{GUIDE}/StructureDefinition/"
_CORE = "http://hl7.org/fhir/StructureDefinition/"
_NOTE_CODES = f"{GUIDE}/CodeSystem/coded-annotation-types-cs"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_ATC = "http://www.whocc.no/atc"
_HGNC = "http://www.genenames.org"
_SHA256 = "urn:oid:2.16.840.1.101.3.4.2.1"
"""System of an identifier that is a SHA-256 checksum: the object identifier of the algorithm."""

_CATEGORIES = (
    ("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"),
    ("http://terminology.hl7.org/CodeSystem/v2-0074", "GE"),
)

_REPORT, _GENOTYPE, _HAPLOTYPE, _GENE = "51969-4", "84413-4", "84414-2", "48018-6"
_MEDICATION, _EVIDENCE = "51963-7", "93044-6"

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, f"{GUIDE}#lupus-pgx")

_CALLED = (CallStatus.CERTAIN, CallStatus.PROBABLE, CallStatus.OUTSIDE)
"""Statuses of a call whose pair is stated as the value; of any other the value lists what is possible."""


def of_patient(patient: PatientData) -> Json:
    """Return a patient as a FHIR R4 bundle of type ``collection``, in plain data.

    Parameters
    ----------
    patient : PatientData

    Returns
    -------
    dict
        For ``json.dump``. Equal results of equal inputs give equal identifiers.
    """
    return _Bundle(patient, _seed(patient.knowledge, _facts(patient))).to_dict()


def write_bundles(folder: Path, analysis: AnalysisData) -> list[Path]:
    """Write ``patients/<percent-encoded sample>.fhir.json``, one patient at a time.

    Parameters
    ----------
    folder : Path
        Exists.
    analysis : AnalysisData

    Returns
    -------
    list of Path
    """
    return write_texts(_bundles(folder, analysis))


def _bundles(folder: Path, analysis: AnalysisData) -> Iterator[tuple[Path, str]]:
    seed = _seed(analysis.knowledge, analysis.provenance.to_dict())
    for sample in track(analysis.sample_ids, "FHIR bundles", " patients"):
        bundle = _Bundle(analysis.data_of(sample), seed).to_dict()
        text = json.dumps(bundle, ensure_ascii=False, indent=1, allow_nan=False)
        yield folder / PATIENTS / file_name(sample, ".fhir.json"), f"{text}\n"


def _facts(patient: PatientData) -> Mapping[str, Any]:
    return patient.provenance.to_dict() if patient.provenance is not None else {}


def _seed(knowledge: Knowledge, facts: Mapping[str, Any]) -> str:
    """Return what identifiers are made of beside the sample: software, tables, parameters, checksums of inputs."""
    inputs = [item["sha256"] or item["path"] for item in facts.get("inputs", ())]
    made = [__version__, knowledge.release, inputs, facts.get("parameters", {})]
    return uuid.uuid5(_NAMESPACE, json.dumps(made, sort_keys=True, default=str)).hex


class _Bundle:
    """Makes the resources of one patient, each with an identifier that the others refer to."""

    def __init__(self, patient: PatientData, seed: str) -> None:
        self._patient, self._results, self._knowledge = patient, patient.results, patient.knowledge
        self._seed = f"{seed}\n{patient.sample_id}"
        self._entries: list[Json] = []
        self._codes = {(row["kind"], row["value"]): row for row in self._knowledge.rows("fhir_codes")}
        self._citations = {row["citation"]: row for row in self._knowledge.rows("citations")}
        self._calls: dict[str, Json] = {}
        """References to the observation of each gene and marker."""

    def to_dict(self) -> Json:
        """Return the bundle: the report first, then what it rests on."""
        subject = self._add("Patient", "patient", {"identifier": [{"value": self._patient.sample_id}]})
        self._common = {
            "status": "preliminary",  # verified by no person
            "category": [concept(coded(*item)) for item in _CATEGORIES],
            "subject": subject,
            "device": self._device(),
        }
        inputs = list(self._inputs())
        haplotypes = [ref for gene in sorted(self._results.genes.values) for ref in self._add_gene(gene)]
        for key in sorted(self._results.markers.values):
            self._add_marker(key)
        found = [self._results.responses.of(drug, 0) for drug in sorted(self._results.responses.values)]
        found.sort(key=lambda item: (JUDGED.index(overall_word(item)), item.drug.drug))
        implied = {item.drug.drug: self._implication(item) for item in found if _implies(item)}
        tasks = [self._task(item, implied.get(item.drug.drug), subject) for item in found if _asks(item)]
        results = [*implied.values(), *self._calls.values(), *haplotypes]
        self._report(found, {"subject": subject, "result": results}, tasks, inputs)
        report = self._entries.pop()
        name = report["resource"]["id"]
        return {"resourceType": "Bundle", "id": name, "type": "collection", "entry": [report, *self._entries]}

    def _add(self, kind: str, key: str, content: Mapping[str, Any], profile: str = "") -> Json:
        """Add a resource and return a reference to it."""
        name = str(uuid.uuid5(_NAMESPACE, f"{self._seed}\n{kind}\n{key}"))
        meta = {"meta": {"profile": [f"{_PROFILE}{profile}"]}} if profile else {}
        resource = {"resourceType": kind, "id": name, **meta, **content}
        self._entries.append({"fullUrl": f"urn:uuid:{name}", "resource": resource})
        return {"reference": f"urn:uuid:{name}"}

    def _device(self) -> Json:
        """Add the software, with its version and that of the tables."""
        overlay = self._knowledge.provenance()["overlay"]
        versions = {"software": __version__, "data release": self._knowledge.release}
        versions |= {"overlay, SHA-256": overlay["sha256"]} if overlay else {}
        content = {
            "deviceName": [{"name": "lupus-pgx", "type": "model-name"}],
            "type": {"text": "software"},
            "version": [{"type": {"text": name}, "value": value} for name, value in versions.items()],
            "note": [{"text": RESEARCH_USE}],
        }
        return self._add("Device", "software", content)

    def _inputs(self) -> Iterator[Json]:
        """Add the files that were read; of several no name, since they may be named after other people."""
        read = _facts(self._patient).get("inputs", ())
        for number, item in enumerate(read):
            name = Path(item["path"]).name if len(read) == 1 else "input file"
            marks = [{"system": _SHA256, "value": item["sha256"]}] if item["sha256"] else []
            content = {
                **({"identifier": marks} if marks else {}),
                "status": "current",
                "description": f"{item['build']}: {item['build_proof']}",
                "content": [{"attachment": {"title": name}}],
            }
            yield self._add("DocumentReference", f"input {number}", content)

    def _observe(self, key: str, code: Json, content: Mapping[str, Any], profile: str = "") -> Json:
        return self._add("Observation", key, {**self._common, "code": code, **content}, profile)

    def _gene(self, gene: str) -> Json:
        """Return the component that names a gene, with its HGNC identifier where the tables have it."""
        row = self._knowledge.gene_rows.get(gene)
        number = row["hgnc"] if row is not None else None
        return component(loinc_concept(_GENE), concept(coded(_HGNC, number, gene) if number else None, gene))

    def _add_gene(self, gene: str) -> list[Json]:
        """Add the genotype of a gene, and its haplotypes where the pair is stated; return references to these."""
        known = self._results.genes.of(gene, 0)
        call = known.diplotype
        stated = call.best.alleles if call.status in _CALLED and call.best is not None else ()
        named = self._gene(gene)
        haplotypes = [
            self._observe(
                f"haplotype {gene} {name}",
                loinc_concept(_HAPLOTYPE),
                {"valueCodeableConcept": concept(text=name), "component": [named]},
                "haplotype",
            )
            for name in dict.fromkeys(stated)
        ]
        value = _genotype_text(known)
        content = {
            **(text_value(value) if value else no_value(observed=call.status is CallStatus.NOVEL)),
            "note": [{"text": text} for text in _gene_notes(known)],
            **({"derivedFrom": haplotypes} if haplotypes else {}),
            "component": [named, *conclusion(_phenotype_text(known) if value or call.looked_up else "")],
        }
        self._calls[gene] = self._observe(
            f"genotype {gene}", loinc_concept(_GENOTYPE), content, "genotype" if value else ""
        )
        return haplotypes

    def _add_marker(self, key: str) -> None:
        """Add the genotype of a marker."""
        call = self._results.markers.of(key, 0)
        value = call.genotype or call.category
        content = {
            **(text_value(value) if value else no_value(observed=bool(call.genotypes) and not call.missing)),
            "note": [{"text": text} for text in _marker_notes(call)],
            "component": [self._gene(call.gene), *conclusion(call.category if call.genotype else "")],
        }
        self._calls[key] = self._observe(
            f"genotype {key}", loinc_concept(_GENOTYPE), content, "genotype" if value else ""
        )

    def _call(self, key: str) -> Json:
        """Return a reference to the observation of a gene or marker; one that was not among those analyzed is open."""
        if key not in self._calls:
            note = ", ".join(Assessed(key).missing)
            content = {
                **no_value(),
                "note": [{"text": f"{key}: {note}"}],
                "component": [self._gene(gene_of(key))],
            }
            self._calls[key] = self._observe(f"genotype {key}", loinc_concept(_GENOTYPE), content)
        return self._calls[key]

    def _implication(self, response: DrugResponse) -> Json:
        """Add what genotypes imply for a drug, in the words of the ``summary`` cell."""
        undecided = _undecided(response)
        against = [str(item) for item in response.conflicts if item.kind is not ConflictKind.CONTEXT]
        level = response.judgement.evidence_level
        content = {
            **self._artifacts(response.citations),
            **(no_value(observed=not response.missing) if undecided else {}),
            **({"note": [{"text": text} for text in against]} if against else {}),
            "derivedFrom": [self._call(key) for key in response.judgement.judged_by],
            "component": [
                component(loinc_concept(_MEDICATION), _drug(response)),
                *([] if undecided else self._implied(response)),
                *([component(loinc_concept(_EVIDENCE), concept(text=evidence_word(level)))] if level else []),
                *conclusion(summary_of(response)),
            ],
        }
        code = concept(coded(GUIDE_CODES, "therapeutic-implication"))
        return self._observe(f"implication {response.drug.drug}", code, content, "therapeutic-implication")

    def _implied(self, response: DrugResponse) -> Iterator[Json]:
        """Yield the predicted response, and the phenotypes behind it: coded where LOINC has a code for one."""
        code = concept(coded(GUIDE_CODES, "therapeutic-implication"))
        yield component(code, concept(text=RESPONSES[response.response].label))
        for key in dict.fromkeys(response.judgement.driven_by):
            known = response.known.get(key)
            if known is not None and not known.not_assessed:
                yield component(code, concept(self._answer(known.phenotype), known.description))

    def _answer(self, phenotype: PhenotypeCall | None) -> Json | None:
        """Return the code of a phenotype that is sure enough to be stated."""
        name, share = phenotype.ranked[0] if phenotype is not None and phenotype.ranked else ("", 0.0)
        row = self._codes.get(("phenotype", name)) if share >= PROBABLE else None
        return coded(LOINC, row["code"], row["display"]) if row is not None and row["code"] else None

    def _task(self, response: DrugResponse, reason: Json | None, subject: Json) -> Json:
        """Add what is asked for overall, as the proposal that the guide makes of it."""
        row = self._codes["action", response.overall_action.value]
        word = overall_word(response).label
        content = {
            "status": "requested",
            "intent": "proposal",
            **({"code": concept(coded(LOINC, row["code"], row["display"]), word)} if row["code"] else {}),
            "description": summary_of(response),
            "for": subject,
            **({"reasonReference": reason} if reason is not None else {}),
            "note": [{"text": RESEARCH_USE}],
            "input": [{"type": loinc_concept(_MEDICATION), "valueCodeableConcept": _drug(response)}],
        }
        return self._add("Task", f"task {response.drug.drug}", content, str(row["profile"]))

    def _artifacts(self, citations: Iterable[str]) -> Json:
        """Return the sources of a statement as extensions."""
        found = []
        for name in citations:
            url = self._citations[name]["url"] if name in self._citations else ""
            said = {"type": "citation", "label": name, **({"url": url} if url else {})}
            found.append({"url": f"{_CORE}workflow-relatedArtifact", "valueRelatedArtifact": said})
        return {"extension": found} if found else {}

    def _report(self, found: Sequence[DrugResponse], about: Json, tasks: list[Json], inputs: list[Json]) -> None:
        """Add the report: what is asked for, what was left open, and that it is for research."""
        sentences = list(self._sentences(found))
        kind = concept(coded(_NOTE_CODES, "test-disclaimer"))
        marked = {"url": f"{_PROFILE}annotation-code", "valueCodeableConcept": kind}
        note = {"extension": [marked], "text": RESEARCH_USE}
        content = {
            "text": {"status": "generated", "div": narrative(sentences)},
            "extension": [
                *({"url": f"{_PROFILE}recommended-action", "valueReference": task} for task in tasks),
                {"url": f"{_PROFILE}genomic-report-note", "valueAnnotation": note},
                *({"url": f"{_CORE}workflow-supportingInfo", "valueReference": item} for item in inputs),
            ],
            "status": "partial",  # may be incomplete, and is verified by no person
            "category": [concept(coded(*_CATEGORIES[1]))],
            "code": loinc_concept(_REPORT),
            **about,
            "conclusion": " ".join(sentences),
        }
        self._add("DiagnosticReport", "report", content, "genomic-report")

    def _sentences(self, found: Sequence[DrugResponse]) -> Iterator[str]:
        """Yield the conclusion: what must be known first, then what asks for most, then what was left open."""
        yield from map(as_note, self._patient.notices)
        assumed = sum(bool(response.assumed) for response in found)
        if assumed:
            yield assumed_drugs(assumed, len(found))
        if self._patient.review is not None:
            yield self._patient.review.headline
        for word in JUDGED:
            names = [item.drug.drug for item in found if overall_word(item) == word and _shown(item)]
            if names:
                yield f"{word.title}: {', '.join(names)}."
        left_out = [item for item in found if not _shown(item)]
        if left_out:
            yield f"Left out, with nothing to say from the genotype: {counted(len(left_out), 'drug')}."
        yield from (f"{item.drug.drug}: {unseen_text(item.unseen)}" for item in left_out if item.unseen)
        yield from (absence_sentence(self._results.genotypes), RESEARCH_USE)


def _implies(response: DrugResponse) -> bool:
    """Whether genotypes bear on a drug: then it has an implication, also where what they say is open."""
    return bool(response.judgement.judged_by) and response.response is not Response.NO_VALIDATED_MARKER


def _asks(response: DrugResponse) -> bool:
    """Whether anything is asked for, by the genotype or by the clinical context."""
    return response.overall_action not in (Action.STANDARD, Action.INFORMATIVE_ONLY)


def _shown(response: DrugResponse) -> bool:
    return _implies(response) or _asks(response)


def _undecided(response: DrugResponse) -> bool:
    return response.response is Response.INDETERMINATE


def _genotype_text(known: GeneCall) -> str:
    """Return the genotype of a gene: the pair, or all that are possible; empty where nothing can be stated."""
    call = known.diplotype
    if call.status in (CallStatus.NO_CALL, CallStatus.NOVEL):
        return ""
    if call.status is CallStatus.AMBIGUOUS:
        more = call.n_candidates - len(call.leading)
        names = [item.name for item in call.leading] + ([f"{more} others"] if more > 0 else [])
        return listed(names) if names else CALLS[call.status].label
    return call.diplotype or Assessed(call.gene, call, known.phenotype).found


def _phenotype_text(known: GeneCall) -> str:
    """Return the phenotype; all that are possible with their probability where none is probable enough."""
    ranked = known.phenotype.ranked
    sure = ranked and ranked[0][1] >= PROBABLE
    each = ((name, range_text(values)) for name, values in known.phenotype.by_prior)
    said = ranked[0][0] if sure else "; ".join(f"{name} {share}" for name, share in each)
    shown = known.adjusted.shown if known.adjusted is not None else None
    return f"{said}; {shown.best} under {known.adjusted.partners}" if shown is not None and known.adjusted else said


def _gene_notes(known: GeneCall) -> Iterator[str]:
    """Yield how sure a call is, what it lacks and what it assumes."""
    call = known.diplotype
    best = call.best if call.status is CallStatus.PROBABLE else None
    said = called_text(best.probability, unseen_structure=call.structure_unseen) if best is not None else ""
    yield f"{CALLS[call.status].label}{f' ({said})' if said else ''}"
    if call.lookup:
        yield f"looked up by {call.lookup}"
    open_loci = "; ".join(Assessed(call.gene, call, known.phenotype).missing)
    if open_loci:
        yield f"not assessed, essential: {open_loci}"
    others = [name for name in call.missing if name not in call.missing_essential]
    if others and call.status is not CallStatus.OUTSIDE:
        yield f"not assessed: {', '.join(others)}"
    if call.n_assumed:
        yield assumed_text([(call.gene, call.n_assumed, call.n_loci)])
    if call.n_doubtful:
        yield f"{counted(call.n_doubtful, 'locus is', 'loci are')} doubtful or imputed"
    yield from known.notes


def _marker_notes(call: MarkerCall) -> Iterator[str]:
    yield plain(call.status)
    if not call.genotype and len(call.genotypes) > 1 and call.status != LocusStatus.NO_RECORD:
        yield f"possible: {listed(call.genotypes)}"
    if call.missing:
        yield f"not assessed: {', '.join(call.missing)}"
    if call.note:
        yield call.note


def _drug(response: DrugResponse) -> Json:
    """Return a drug with its codes of RxNorm and ATC."""
    row = response.drug.row
    codes = [coded(_RXNORM, row["rxnorm"])] if row["rxnorm"] else []
    codes += [coded(_ATC, code) for code in split_list(row["atc"])]
    return {**({"coding": codes} if codes else {}), "text": response.drug.drug}
