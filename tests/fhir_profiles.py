"""Rules of HL7 Genomics Reporting 3.0.0 (STU3) that a bundle must meet, as a small checker of our own.

Written from the profiles of the package hl7.fhir.uv.genomics-reporting 3.0.0: fixed codes, cardinalities, types of
values, targets of references. It knows nothing of how bundles are made.
"""

from __future__ import annotations

from collections.abc import Iterator

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting"
PROFILE = f"{GUIDE}/StructureDefinition/"
TBD = f"{GUIDE}/CodeSystem/tbd-codes-cs"
LOINC = "http://loinc.org"
LABORATORY = ("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")
GENETICS = ("http://terminology.hl7.org/CodeSystem/v2-0074", "GE")

CODES = {
    "genotype": (LOINC, "84413-4"),
    "haplotype": (LOINC, "84414-2"),
    "therapeutic-implication": (TBD, "therapeutic-implication"),
    "genomic-report": (LOINC, "51969-4"),
}
DERIVED = {  # what the slices of derivedFrom may be made of; references to anything else are outside of every slice
    "genotype": {"haplotype", "variant", "molecular-sequence"},
    "haplotype": {"haplotype", "variant", "molecular-sequence"},
    "therapeutic-implication": {"variant", "genotype", "haplotype", "molecular-biomarker"},
}
COMPONENTS = {  # code of a component: type of its value, and how many there may be
    (LOINC, "48018-6"): ("valueCodeableConcept", None),
    (LOINC, "51963-7"): ("valueCodeableConcept", None),
    (LOINC, "93044-6"): ("valueCodeableConcept", None),
    (TBD, "therapeutic-implication"): ("valueCodeableConcept", None),
    (TBD, "conclusion-string"): ("valueString", 1),
}
ANSWERS = {  # genetic-therapeutic-implications-vs, its codes of LOINC that stand for a phenotype
    "LA10315-2", "LA25391-6", "LA25390-8", "LA10317-8", "LA9657-3", "LA25392-4", "LA25393-2", "LA25395-7", "LA25394-0",
}  # fmt: skip
TASKS = {  # answers that the guide's own examples take from LL4049-4, and those of LL1037-2
    "medication-recommendation": {"LA26421-0", "LA26422-8", "LA26423-6"},
    "followup-recommendation": {"LA14020-4", "LA14021-2", "LA14022-0"},
}
EXTENSIONS = {
    "DiagnosticReport": {
        f"{PROFILE}recommended-action",
        f"{PROFILE}genomic-report-note",
        "http://hl7.org/fhir/StructureDefinition/workflow-supportingInfo",
    },
    "Observation": {"http://hl7.org/fhir/StructureDefinition/workflow-relatedArtifact"},
}


def codes(concept: dict) -> set[tuple[str, str]]:
    return {(item["system"], item["code"]) for item in concept.get("coding", [])}


def profile_of(resource: dict) -> str:
    return resource.get("meta", {}).get("profile", [""])[0].removeprefix(PROFILE)


def references(value: object) -> Iterator[str]:
    """Yield every reference in a resource."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "reference":
                yield item
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def resources(bundle: dict) -> dict[str, dict]:
    return {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}


def faults(bundle: dict) -> list[str]:
    """Return what is against a rule, with the resource it is in."""
    known = resources(bundle)
    found = []
    if bundle["type"] != "collection" or len(known) != len(bundle["entry"]):
        found.append("Bundle: type, or a fullUrl that is there twice")
    for url, resource in known.items():
        if url != f"urn:uuid:{resource['id']}":
            found.append(f"{url}: is not its id")
        lost = [f"{url}: {item} leads nowhere" for item in references(resource) if item not in known]
        if lost:
            found += lost
            continue  # what it refers to cannot be looked at
        check = {"Observation": _observation, "DiagnosticReport": _report, "Task": _task}.get(resource["resourceType"])
        found += [f"{url} {resource['resourceType']}: {fault}" for fault in (check(resource, known) if check else ())]
    return found


def _empty(value: object) -> Iterator[str]:
    """Yield what FHIR forbids in JSON: empty texts, lists and objects, and null."""
    if value is None or value in ("", [], {}):
        yield "an empty value"
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in children:
        yield from _empty(item)


def _categories(resource: dict, wanted: set[tuple[str, str]]) -> Iterator[str]:
    found = [codes(item) for item in resource["category"]]
    for item in wanted:
        if found.count({item}) != 1:
            yield f"category {item} is not there once"


def _extensions(resource: dict) -> Iterator[str]:
    for item in resource.get("extension", []):
        if item["url"] not in EXTENSIONS[resource["resourceType"]]:
            yield f"extension {item['url']}"


def _observation(resource: dict, known: dict[str, dict]) -> Iterator[str]:
    profile = profile_of(resource)
    yield from _empty(resource)
    yield from _categories(resource, {LABORATORY, GENETICS})
    yield from _extensions(resource)
    values = [key for key in resource if key.startswith("value")]
    if profile in ("genotype", "haplotype") and values != ["valueCodeableConcept"]:
        yield "value[x] is one CodeableConcept"
    if profile == "therapeutic-implication" and (values or not resource.get("derivedFrom")):
        yield "an implication has no value, and something it is derived from"
    if values and "dataAbsentReason" in resource:  # obs-6
        yield "a value, and a reason for none"
    if not profile and "dataAbsentReason" not in resource:
        yield "neither a profile nor a reason for having no value"
    if codes(resource["code"]) != {CODES[profile or "genotype"]}:
        yield "code"
    derived = {profile_of(known[item["reference"]]) for item in resource.get("derivedFrom", [])}
    if not derived <= DERIVED[profile or "genotype"] | {""}:
        yield f"derived from {derived}"
    counts: dict[tuple[str, str], int] = {}
    for item in resource.get("component", []):
        (code,) = codes(item["code"])
        kind, most = COMPONENTS[code]
        counts[code] = counts.get(code, 0) + 1
        if [key for key in item if key != "code"] != [kind] or counts[code] > (most or counts[code]):
            yield f"component {code}"
        if code[1] == "therapeutic-implication" and not {number for _, number in codes(item[kind])} <= ANSWERS:
            yield f"answer {codes(item[kind])}"


def _report(resource: dict, known: dict[str, dict]) -> Iterator[str]:
    yield from _empty(resource)
    yield from _categories(resource, {GENETICS})
    yield from _extensions(resource)
    if profile_of(resource) != "genomic-report" or codes(resource["code"]) != {CODES["genomic-report"]}:
        yield "profile or code"
    if known[resource["subject"]["reference"]]["resourceType"] != "Patient":
        yield "subject"
    if {known[item["reference"]]["resourceType"] for item in resource["result"]} != {"Observation"}:
        yield "result"
    for item in resource["extension"]:
        target = known[item["valueReference"]["reference"]] if "valueReference" in item else {}
        wanted = {f"{PROFILE}recommended-action": "Task"}.get(item["url"])
        if wanted and target["resourceType"] != wanted:
            yield "recommended-action"


def _task(resource: dict, known: dict[str, dict]) -> Iterator[str]:
    yield from _empty(resource)
    if (resource["status"], resource["intent"]) != ("requested", "proposal"):
        yield "status or intent"
    if not {number for _, number in codes(resource.get("code", {}))} <= TASKS[profile_of(resource)]:
        yield "code"
    if "code" in resource and not codes(resource["code"]):
        yield "a code of text alone, where the binding is required"
    reason = resource.get("reasonReference")
    if reason and profile_of(known[reason["reference"]]) != "therapeutic-implication":
        yield "reason"
