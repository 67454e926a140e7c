"""Plots: what they show is what the results say, everything is readable, and nothing is left out."""

from __future__ import annotations

import ast
import csv
import io
import itertools
import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date

import numpy as np
import pytest
from builder import VcfBuilder
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.text import Text
from places import DOCS

import lupus_pgx
from lupus_pgx import plots
from lupus_pgx.plots.effect_sizes import parse_ratios
from lupus_pgx.plots.genes import wilson
from lupus_pgx.terms import CallStatus
from lupus_pgx.words.vocabulary import CALLS

PAGE = DOCS / "plots.md"

NAMES = ["<script>alert(1)</script>", "../../x", "$x^2$ \\frac", "\u4e2d\u6587", "a" * 300]

LETTERS = {
    "avoid": "A",
    "consider_alternative": "C",
    "reduce_dose": "R",
    "increase_dose": "I",
    "test_first": "T",
    "monitor": "M",
    "standard": "S",
}
INFORMATION = {
    "increased_toxicity": "t+",
    "reduced_toxicity": "t-",
    "increased_efficacy": "e+",
    "reduced_efficacy": "e-",
    "increased_exposure": "x+",
    "reduced_exposure": "x-",
    "mixed": "~",
    "typical": "=",
    "indeterminate": "?",
    "no_validated_marker": "-",
}

# One heterozygous or homozygous change in each of five genes whose drugs differ: up to 243 patterns.
LOCI = {
    "rs1142345": ("T/T", "T/C", "C/C"),
    "rs776746": ("C/C", "T/C", "T/T"),
    "rs4244285": ("G/G", "G/A", "A/A"),
    "rs1057910": ("A/A", "A/C", "C/C"),
    "rs4149056": ("T/T", "T/C", "C/C"),
}
FIVE = ["azathioprine", "tacrolimus", "clopidogrel", "piroxicam", "simvastatin"]

OLD_COURSE = {"drug": {"other": "\u4e2d $x$"}, "start": "1990-02-01", "stop": "2020-01-01", "outcome": "response"}

CONTEXT = {
    "therapies": [
        {"drug": "cyclophosphamide", "dose": "500 mg", "start": "2021-03-15", "stop": "2021-06-01"}
        | {"schedule": "every 2 weeks", "outcome": "inadequate_response"},
        {"drug": "azathioprine", "start": "2021-07-01", "stop": "2021-08-10"}
        | {"outcome": "intolerance", "reaction": "leukopenia"},
        {"drug": "MMF", "start": "2021-09-01", "outcome": "ongoing"},
        {"drug": "belimumab", "start": "2021-10-01", "outcome": "response"},
        {"drug": "methotrexate", "stop": "2020-12-01", "outcome": "inadequate_response"},
        {"drug": "rituximab", "outcome": "inadequate_response"},
    ],
    "planned": [{"drug": "voclosporin", "start": "2022-09-01"}, {"drug": "anifrolumab", "dose": "300 mg"}],
    "co_medication": ["omeprazole", {"other": "finasteride"}],
    "labs": [
        {"quantity": "upcr", "unit": "mg/g", "values": {"2021-03-01": 3100, "2021-12-01": 2400}},
        {"quantity": "lupus_anticoagulant", "unit": "present or absent", "values": {"2022-05-10": "present"}},
    ],
}


def texts(ax) -> list[str]:
    """All that is written in and around an Axes."""
    return [item.get_text() for item in ax.findobj(Text) if item.get_visible() and item.get_text()]


def words(ax) -> str:
    return " ".join(" ".join(texts(ax)).split())


def labels(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def letters(ax) -> dict[tuple[int, int], str]:
    """Letters of the cells by (row, column)."""
    found = (item for item in ax.texts if item.get_transform() == ax.transData)
    return {(round(item.get_position()[1]), round(item.get_position()[0])): item.get_text() for item in found}


def bars(ax) -> list:
    return [patch for item in ax.containers if isinstance(item, BarContainer) for patch in item]


def drawn(ax):
    """Draw the figure; every warning is an error here (a glyph that is missing, a layout that fails)."""
    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    return canvas.get_renderer()


def assert_readable(ax) -> None:
    """Every text is inside the figure, and labels of an axis do not run into each other."""
    renderer = drawn(ax)
    whole, shown = ax.figure.bbox, []
    ticks = {item for panel in ax.findobj(Axes) for axis in (panel.xaxis, panel.yaxis) for item in axis.findobj(Text)}
    for panel in (panel for panel in ax.findobj(Axes) if panel.axison):
        for axis, place, side in ((panel.xaxis, 0, "x"), (panel.yaxis, 1, "y")):
            low, high = sorted(axis.get_view_interval())
            here = [item for item in axis.get_ticklabels() if item.get_text() and item.get_visible()]
            here = [item for item in here if low <= item.get_position()[place] <= high]
            boxes = sorted(
                (item.get_window_extent(renderer) for item in here), key=lambda box: getattr(box, f"{side}0")
            )
            for one, other in itertools.pairwise(boxes):
                assert getattr(other, f"{side}0") > getattr(one, f"{side}1") - 2
            shown += [*here, axis.label]
    shown += [item for item in ax.findobj(Text) if item not in ticks and item.get_visible()]
    assert len(shown) > 3
    for item in (item for item in shown if item.get_text().strip()):
        box = item.get_window_extent(renderer)
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= whole.x1 + 1 and box.y1 <= whole.y1 + 1
        assert inside, (item.get_text(), box.extents, whole.extents)


@pytest.fixture(scope="module")
def fx_with_history(fx_example):
    return lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], context={"sample_id": "LN-01", **CONTEXT})


@pytest.fixture(scope="module")
def fx_sixty(tmp_path_factory):
    """60 samples with different combinations of five genotypes; the first ones have difficult names."""
    combinations = list(itertools.product(range(3), repeat=5))[::4][:60]
    builder = VcfBuilder(samples=[*NAMES, *(f"S{number}" for number in range(len(NAMES), 60))])
    for place, (locus, genotypes) in enumerate(LOCI.items()):
        builder.set(locus, *(genotypes[line[place]] for line in combinations))
    return lupus_pgx.analyze(builder.write(tmp_path_factory.mktemp("plots") / "cohort"))


@pytest.fixture(scope="module")
def fx_gaps(tmp_path_factory):
    """Four samples: a male and a female, a missing locus, an unknown allele, a gene without records."""
    builder = VcfBuilder(samples=["F1", "M1", "F2", "F3"])
    builder.set("rs1142345", "T/C", "./.", "C/C", "T/T").drop("rs1800460").drop_gene("CYP3A5")
    builder.set("rs1050828", "C/T", "T/T", "C/C", "C/C")
    record = builder.records["rs1800462"][0]
    record.alts, record.calls = f"{record.alts},A", ["0/0", "0/0", "0/2", "0/0"]
    sex = {"F1": "female", "M1": "male", "F2": "female", "F3": "female"}
    return lupus_pgx.analyze(builder.write(tmp_path_factory.mktemp("plots") / "gaps"), sex=sex)


# --- all of them ------------------------------------------------------------------------------

PLOTS = {
    "response_map": plots.response_map,
    "phenotype_frequencies": lambda analysis, **more: plots.phenotype_frequencies(analysis, "TPMT", **more),
    "shares by group": lambda analysis, **more: plots.phenotype_frequencies(analysis, "TPMT", stacked=True, **more),
    "call_certainty": plots.call_certainty,
    "haplotype_view": lambda analysis, **more: plots.haplotype_view(analysis, "CYP2C19", **more),
    "evidence_forest": lambda analysis, **more: plots.evidence_forest(analysis.patient("LN-01"), "RTX", **more),
    "timeline": lambda analysis, **more: plots.timeline(analysis.patient("LN-01"), **more),
}


@pytest.mark.parametrize("name", PLOTS)
def test_everything_written_is_inside_the_figure(name, fx_with_history):
    ax = PLOTS[name](fx_with_history)
    assert_readable(ax)
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("name", PLOTS)
def test_a_figure_has_the_size_that_is_asked_for_or_is_refused(name, fx_with_history):
    """The smallest that is named holds every word, apart from each other; what is smaller is refused."""
    draw = PLOTS[name]
    with pytest.raises(lupus_pgx.UsageError, match="has no room for all") as refused:
        draw(fx_with_history, figsize=(0.5, 0.5))
    least = tuple(float(part) for part in re.search(r"at least ([\d.]+) by ([\d.]+)", str(refused.value)).groups())
    for size in (least, (least[0] + 3, least[1] + 2)):
        ax = draw(fx_with_history, figsize=size)
        assert ax.figure.get_size_inches() == pytest.approx(size)
        assert_readable(ax)
    with pytest.raises(lupus_pgx.UsageError, match="has no room for all"):
        draw(fx_with_history, figsize=(least[0] - 0.2, least[1]))
    with pytest.raises(lupus_pgx.UsageError, match="figsize would do nothing"):
        draw(fx_with_history, ax=Figure().subplots(), figsize=(7, 4))


@pytest.mark.parametrize("size", [(3,), (0, 4), ("7", 4), (float("nan"), 4)])
def test_what_is_no_size_is_refused(size, fx_with_history):
    with pytest.raises(lupus_pgx.UsageError, match="expected width and height in inches"):
        plots.call_certainty(fx_with_history, figsize=size)


@pytest.mark.parametrize("name", PLOTS)
def test_a_style_holds_for_one_plot(name, fx_with_history):
    before = dict(rcParams)
    ax = PLOTS[name](fx_with_history, style={"font.family": "serif"})
    assert {item.get_fontfamily()[0] for item in ax.texts} <= {"serif"}
    assert ax.get_title(loc="left")
    assert dict(rcParams) == before
    assert_readable(ax)
    with pytest.raises(lupus_pgx.UsageError, match="matplotlib does not know the style"):
        PLOTS[name](fx_with_history, style="no such style")


def test_shares_of_each_group_fill_its_bar(fx_sixty):
    groups = {sample: "one" if number % 3 else "other" for number, sample in enumerate(fx_sixty.sample_ids)}
    ax = plots.phenotype_frequencies(fx_sixty, "TPMT", groups=groups, stacked=True)
    frame = fx_sixty.diplotypes.to_frame().query("gene == 'TPMT'").dropna(subset="phenotype")
    shares = frame.groupby(frame.sample_id.map(groups)).phenotype.value_counts(normalize=True)
    for row, group in enumerate(labels(ax.yaxis)):
        widths = [bar.get_width() for bar in bars(ax) if round(bar.get_y() + bar.get_height() / 2) == row]
        assert sum(widths) == pytest.approx(1)
        assert sorted(width for width in widths if width) == pytest.approx(sorted(shares[group]))
    assert_readable(ax)


@pytest.mark.parametrize("name", PLOTS)
def test_the_given_axes_is_drawn_on(name, fx_with_history):
    figure = Figure(figsize=(14, 20))
    left, right = figure.subplots(1, 2)
    assert PLOTS[name](fx_with_history, ax=left) is left
    assert left.get_title(loc="left")
    assert not right.has_data()
    assert tuple(figure.get_size_inches()) == (14, 20)
    drawn(left)


@pytest.mark.parametrize("name", PLOTS)
def test_what_is_no_axes_is_refused(name, fx_with_history):
    with pytest.raises(lupus_pgx.UsageError, match=r"expected a matplotlib Axes as ax=; found str"):
        PLOTS[name](fx_with_history, ax="somewhere")


@pytest.mark.parametrize("name", PLOTS)
def test_without_matplotlib_the_message_says_what_to_install(name, fx_with_history, monkeypatch):
    for module in ("matplotlib", "matplotlib.axes", "matplotlib.font_manager"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(lupus_pgx.UsageError, match=r"pip install .matplotlib"):
        PLOTS[name](fx_with_history)


@pytest.mark.parametrize("name", ["response_map", "phenotype_frequencies", "call_certainty", "haplotype_view"])
def test_a_file_name_is_refused(name):
    function = getattr(plots, name)
    arguments = () if name in ("response_map", "call_certainty") else ("TPMT",)
    with pytest.raises(lupus_pgx.UsageError, match=r"expected an Analysis.*found str"):
        function("patients.vcf.gz", *arguments)


def test_no_global_state_is_touched(fx_example):
    code = (
        "import sys, matplotlib, lupus_pgx\n"
        "matplotlib.rcParams['backend'] = 'agg'\n"  # looking up an undecided backend would load pyplot
        "before = dict(matplotlib.rcParams)\n"
        "analysis = lupus_pgx.analyze(sys.argv[1], drugs=['azathioprine'])\n"
        "for ax in (lupus_pgx.plots.response_map(analysis), lupus_pgx.plots.call_certainty(analysis)):\n"
        "    ax.figure.savefig(sys.argv[2])\n"
        "assert dict(matplotlib.rcParams) == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    target = f"{fx_example['patients.tsv']}.png"
    command = [sys.executable, "-W", "error", "-c", code, fx_example["patients.GRCh38.vcf.gz"], target]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_target_is_a_band_and_values_do_not_run_into_each_other(fx_example):
    """Exposure to mycophenolate in lupus nephritis: 35 to 45 mg.h/L."""
    context = fx_example["LN-01.yaml"]
    patient = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], samples=["LN-01"], context=context).patient(
        "LN-01"
    )
    ax = plots.timeline(patient)
    ax.figure.canvas.draw()
    bands = [box for panel in ax.child_axes for box in panel.patches if to_hex(box.get_facecolor()) == "#cfe6d2"]
    assert [(box.get_y(), box.get_y() + box.get_height()) for box in bands] == [(35, 45)]
    for panel in ax.child_axes[1:]:
        boxes = sorted((text.get_window_extent() for text in panel.texts), key=lambda box: box.x0)
        assert all(left.x1 <= right.x0 for left, right in itertools.pairwise(boxes))


def test_letters_of_a_file_are_letters(fx_with_history, tmp_path):
    """Journals refuse Type 3 fonts; what stands in an SVG can be searched."""
    ax = plots.timeline(fx_with_history.patient("LN-01"))
    ax.figure.savefig(tmp_path / "figure.pdf")
    ax.figure.savefig(tmp_path / "figure.svg")
    data = (tmp_path / "figure.pdf").read_bytes()
    assert b"/CIDFontType2" in data
    assert b"/Type3" not in data
    assert "laboratory results" in (tmp_path / "figure.svg").read_text(encoding="utf-8")


def test_the_page_of_the_docs_runs_and_shows_every_plot(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cells = re.findall(r"^```\{code-cell\} python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M)
    names, shown = {}, []
    for cell in (cell for cell in cells if "%matplotlib" not in cell):
        *before, last = ast.parse(cell).body
        if not isinstance(last, ast.Expr):
            before.append(last)
        exec(compile(ast.Module(before, []), "cell", "exec"), names)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), "cell", "eval"), names))
    assert all(isinstance(figure, Figure) for figure in shown)
    assert {name for name in plots.__all__ if f"plots.{name}(" in "".join(cells)} == set(plots.__all__)
    assert len(plots.__all__) == 6
    assert len(shown) == 7  # one of them in two ways


# --- responses --------------------------------------------------------------------------------


def expected_letter(response) -> str:
    return LETTERS.get(response.action.value) or INFORMATION[response.response.value]


def test_cells_are_the_responses(fx_with_history):
    ax = plots.response_map(fx_with_history)
    samples, drugs, found = labels(ax.xaxis), labels(ax.yaxis), letters(ax)
    assert samples == ["LN-01", "NP-02", "CU-03"]
    assert len(found) == len(samples) * len(drugs)
    for (row, column), letter in found.items():
        assert letter == expected_letter(fx_with_history.patient(samples[column]).drug(drugs[row]))


def test_each_category_has_its_colour_and_letters_can_be_read_on_it(fx_with_history):
    ax = plots.response_map(fx_with_history)
    image = ax.images[0].get_array()
    of_letter = {}
    for (row, column), letter in letters(ax).items():
        of_letter.setdefault(letter, set()).add(to_hex(image[row, column] / 255))
    assert all(len(colours) == 1 for colours in of_letter.values())
    assert len(set.union(*of_letter.values())) == len(of_letter) >= 7
    for item in ax.texts:
        if item.get_transform() == ax.transData:
            column, row = (round(place) for place in item.get_position())
            light, dark = sorted((luminance(image[row, column] / 255), luminance_of(item.get_color())), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5  # the contrast that WCAG AA asks of text
    legend = {item.get_text().split("  ")[0] for item in ax.get_legend().get_texts()}
    assert legend == set(of_letter)


def luminance_of(colour: str) -> float:
    return luminance(np.array([int(to_hex(colour)[place : place + 2], 16) / 255 for place in (1, 3, 5)]))


def luminance(shade) -> float:
    linear = np.where(shade <= 0.04045, shade / 12.92, ((shade + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_every_drug_is_drawn_or_named(fx_with_history):
    ax = plots.response_map(fx_with_history)
    drawn_drugs, written = labels(ax.yaxis), words(ax)
    (usual,) = re.findall(r"Usual dose in every sample \((\d+) drugs\): ([^.]*)\.", written)
    (undecided,) = re.findall(r"Undecided in every sample \((\d+) drugs\): ([^.]*)\.", written)
    (silent,) = re.findall(r"No validated marker in any sample \((\d+) drugs\): ([^.]*)\.", written)
    named = [name for count, names in (usual, undecided, silent) for name in names.split(", ")]
    assert int(usual[0]) + int(undecided[0]) + int(silent[0]) == len(named)
    assert "dapsone" in usual[1].split(", ")  # tacrolimus is usual in some only, and has a row
    assert "tacrolimus" in drawn_drugs
    assert sorted([*drawn_drugs, *named]) == sorted(fx_with_history.results.responses.values)
    for name in silent[1].split(", "):
        response = fx_with_history.patient("NP-02").drug(name).response
        assert response.value == "no_validated_marker"


def test_drugs_and_samples_that_are_asked_for_are_all_drawn(fx_with_history):
    ax = plots.response_map(fx_with_history, drugs=["belimumab", "MMF", "AZA"], samples=["CU-03", "LN-01"])
    assert sorted(labels(ax.yaxis)) == ["azathioprine", "belimumab", "mycophenolate mofetil"]
    assert labels(ax.yaxis)[0] == "azathioprine"  # the most restricting first
    assert labels(ax.xaxis) == ["CU-03", "LN-01"]
    assert "No validated marker" not in words(ax).replace("no validated marker", "")


def test_many_samples_are_grouped_by_pattern(fx_sixty):
    ax = plots.response_map(fx_sixty, drugs=["azathioprine", "simvastatin"])
    counts = [int(label.split()[0]) for label in labels(ax.xaxis)]
    assert sum(counts) == 60
    assert counts == sorted(counts, reverse=True)
    found, drugs = letters(ax), labels(ax.yaxis)
    columns = Counter(
        tuple(expected_letter(fx_sixty.results.responses.of(drug, sample)) for drug in drugs) for sample in range(60)
    )
    shown = {tuple(found[row, column] for row in range(2)): count for column, count in enumerate(counts)}
    assert shown == columns
    assert_readable(ax)


def test_many_patterns_are_counted_by_drug(fx_sixty):
    ax = plots.response_map(fx_sixty, drugs=FIVE)
    assert "60 samples" in ax.get_title(loc="left")
    rows = labels(ax.yaxis)
    assert sorted(rows) == sorted(FIVE)
    beside = {
        round(item.get_position()[1]): item.get_text()
        for item in ax.texts
        if re.fullmatch(r"(\S+ \d+)(, \S+ \d+)*", item.get_text())
    }
    widths = Counter()
    for patch in bars(ax):
        widths[round(patch.get_y() + 0.4)] += patch.get_width()
    for row, drug in enumerate(rows):
        counts = Counter(expected_letter(fx_sixty.results.responses.of(drug, sample)) for sample in range(60))
        assert Counter({part.split()[0]: int(part.split()[1]) for part in beside[row].split(", ")}) == counts
        assert widths[row] == pytest.approx(1)
    assert_readable(ax)


def test_names_of_samples_are_not_markup(fx_sixty):
    ax = plots.response_map(fx_sixty, samples=NAMES)
    shown = labels(ax.xaxis)
    assert shown[:3] == NAMES[:3]
    assert shown[3] == "<U+4E2D><U+6587>"
    assert len(shown[4]) <= 32
    assert_readable(ax)
    ax.figure.savefig(io.BytesIO(), format="svg")
    assert_readable(plots.haplotype_view(fx_sixty, "TPMT", samples=NAMES))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": []}, "there is no sample to show"),
        ({"drugs": []}, "there is no drug to show"),
        ({"samples": ["LN-1"]}, "unknown sample 'LN-1': did you mean LN-01"),
        ({"drugs": ["azathioprin"]}, "did you mean azathioprine"),
    ],
)
def test_nothing_to_map_is_said(arguments, message, fx_with_history):
    with pytest.raises(lupus_pgx.UsageError, match=message):
        plots.response_map(fx_with_history, **arguments)


def test_a_drug_that_was_not_analyzed_is_no_empty_row(fx_example):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], drugs=["azathioprine"])
    with pytest.raises(lupus_pgx.UsageError, match="warfarin was not among the drugs"):
        plots.response_map(analysis, drugs=["warfarin"])


# --- phenotype frequencies --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    # Newcombe 1998, table I, score method (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E)
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_equal_published_ones(count, total, low, high):
    assert wilson(count, total) == pytest.approx((low, high), abs=5e-5)
    assert wilson(total - count, total) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def frequencies(ax) -> dict[tuple[str, str], tuple[str, str]]:
    """Counts and shares by phenotype (bold) and group."""
    heads = sorted((item.get_position()[1], item.get_text()) for item in ax.texts if item.get_weight() == "bold")
    places = dict(zip(np.round(ax.get_yticks(), 3), labels(ax.yaxis), strict=True))
    found = {}
    for item in ax.texts:
        place = round(item.get_position()[1], 3)
        if place in places and item.get_weight() != "bold":
            head = [name for y, name in heads if y < place][-1]
            found.setdefault((head, places[place]), []).append(item.get_text())
    return {key: tuple(cells) for key, cells in found.items()}


def test_phenotypes_are_counted_by_group(fx_sixty):
    frame = fx_sixty.diplotypes.to_frame().query("gene == 'CYP2C19'").set_index("sample_id")
    groups = {sample: "first" if number < 20 else "second" for number, sample in enumerate(fx_sixty.sample_ids[:50])}
    ax = plots.phenotype_frequencies(fx_sixty, "cyp2c19", groups)
    found = frequencies(ax)
    wanted = Counter((row.phenotype, groups.get(sample, "no group given")) for sample, row in frame.iterrows())
    sizes = {"first": 20, "second": 30, "no group given": 10}
    assert {key: cells[0] for key, cells in found.items()} == {
        (phenotype, group): f"{wanted[phenotype, group]} of {size}"
        for phenotype in frame.phenotype.unique()
        for group, size in sizes.items()
    }
    for (_, group), (counted, share) in found.items():
        count = int(counted.split()[0])
        low, high = (100 * value for value in wilson(count, sizes[group]))
        whole = f"{count / sizes[group]:.0%}"  # 0 and 100 are exact
        assert share == f"{whole if whole in ('0%', '100%') else f'{count / sizes[group]:.1%}'} ({low:.1f}-{high:.1f})"
    assert [patch.get_width() for patch in bars(ax)] == [
        pytest.approx(int(cells[0].split()[0]) / int(cells[0].split()[2])) for cells in found.values()
    ]
    hatches = {(to_hex(patch.get_facecolor()), patch.get_hatch()) for patch in bars(ax)}
    assert len(hatches) == 3
    assert_readable(ax)


def test_groups_are_the_ancestry_of_the_analysis_by_default(fx_example):
    path = fx_example["patients.GRCh38.vcf.gz"]
    one = lupus_pgx.analyze(path, genes=["TPMT"], drugs=["azathioprine"], ancestry={"LN-01": "EUR", "NP-02": "EAS"})
    assert set(labels(plots.phenotype_frequencies(one, "TPMT").yaxis)) == {"EAS", "EUR", "ancestry not given"}
    none = lupus_pgx.analyze(path, genes=["TPMT"], drugs=["azathioprine"])
    assert set(labels(plots.phenotype_frequencies(none, "TPMT").yaxis)) == {"all samples"}


def test_samples_that_were_not_assessed_have_no_share(tmp_path):
    builder = VcfBuilder(samples=["A", "B", "C"], genes=("CYP3A5",))
    for name in list(builder.records):
        builder.set(name, "./.", *[builder.site(name).letters[0] + "/" + builder.site(name).letters[0]] * 2)
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "a"), genes=["CYP3A5"], drugs=["tacrolimus"])
    ax = plots.phenotype_frequencies(analysis, "CYP3A5")
    assert [cells[0] for cells in frequencies(ax).values()] == ["2 of 2"]
    assert "Not assessed: 1 of 3 samples" in words(ax)
    empty = lupus_pgx.analyze(tmp_path / "a.vcf.gz", samples=["A"], genes=["CYP3A5"], drugs=["tacrolimus"])
    with pytest.raises(lupus_pgx.UsageError, match="CYP3A5 was not assessed in any of 1 sample:"):
        plots.phenotype_frequencies(empty, "CYP3A5")


@pytest.mark.parametrize(
    ("gene", "message"),
    [
        ("TPTM", "did you mean TPMT"),
        ("FCGR3A", "FCGR3A has no diplotypes in this analysis"),
        ("CYP4F2", "CYP4F2 has diplotypes but no phenotypes"),
    ],
)
def test_genes_without_phenotypes_are_refused(gene, message, fx_with_history):
    with pytest.raises(lupus_pgx.UsageError, match=message):
        plots.phenotype_frequencies(fx_with_history, gene)


@pytest.mark.parametrize(("groups", "message"), [({}, "it is empty"), ({"x": "EUR"}, "it names 1 others")])
def test_groups_of_other_samples_are_refused(groups, message, fx_with_history):
    with pytest.raises(lupus_pgx.UsageError, match=message):
        plots.phenotype_frequencies(fx_with_history, "TPMT", groups)


# --- certainty --------------------------------------------------------------------------------


def test_certainty_and_missing_genotypes_by_gene(fx_gaps):
    ax = plots.call_certainty(fx_gaps)
    genes = labels(ax.yaxis)
    assert genes == sorted(fx_gaps.knowledge.star_genes)
    beside = {round(item.get_position()[1]): item.get_text() for item in ax.texts if ";  " in item.get_text()}
    diplotypes, variants = fx_gaps.diplotypes.to_frame(), fx_gaps.variants.to_frame()
    unusable = ~variants.status.isin(["observed", "covered_reference", "assumed_reference"])
    first = {"certain": "c", "probable": "p", "ambiguous": "a", "novel": "n", "no_call": "-"}
    for row, gene in enumerate(genes):
        statuses, _, missing = beside[row].partition(";  ")
        counts = diplotypes[diplotypes.gene == gene].call_status.map(first).value_counts().to_dict()
        assert {part.split()[0]: int(part.split()[1]) for part in statuses.split(", ")} == counts
        used = {locus.name for locus in fx_gaps.knowledge.star_genes[gene].haplotypes.loci}
        here = (variants.gene == gene) & variants.locus.isin(used)
        if not used:
            assert missing == "no loci, known from elsewhere only"
            continue
        shown = float(re.search(r"missing ([\d.]+)%", missing)[1])
        assert shown == pytest.approx(100 * unusable[here].mean(), abs=0.06)
    assert "missing 100%, essential 100%" in beside[genes.index("CYP3A5")]
    # TPMT: one of four genotypes at one locus, all at another, one with an allele nobody knows, of 45 loci.
    assert "missing 3.3%, essential 21.4%" in beside[genes.index("TPMT")]
    assert_readable(ax)


def test_essential_loci_are_marked_where_the_share_is(fx_gaps):
    ax = plots.call_certainty(fx_gaps)
    genes = labels(ax.yaxis)
    marks = {genes[round(line.get_ydata()[0])]: line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"}
    assert set(genes) - set(marks) == {"CACNA1S", "HLA-A", "HLA-B", "MT-RNR1", "RYR1"}
    assert (marks["CYP3A5"], marks["NUDT15"]) == (1, 0)
    assert marks["TPMT"] == pytest.approx(6 / 28)


def test_genes_of_markers_only_are_named(fx_gaps):
    written = words(plots.call_certainty(fx_gaps))
    (said,) = re.findall(r"Genes of markers only, by share of missing genotypes. 0%: ([^.]*)\.", written)
    wanted = {locus.gene for locus in fx_gaps.results.genotypes.loci} - set(fx_gaps.knowledge.star_genes)
    assert set(said.split(", ")) == wanted


def test_an_analysis_without_star_genes_is_refused(fx_example):
    analysis = lupus_pgx.analyze(fx_example["patients.GRCh38.vcf.gz"], genes=["FCGR3A"], drugs=["rituximab"])
    with pytest.raises(lupus_pgx.UsageError, match="no gene with diplotypes was analyzed"):
        plots.call_certainty(analysis)


# --- haplotypes -------------------------------------------------------------------------------


def cell_rows(ax) -> dict[str, dict[str, str]]:
    """Letter of each drawn cell by row label and locus; empty where a cell has none."""
    loci, rows, found = labels(ax.xaxis), labels(ax.yaxis), letters(ax)
    return {
        label: {locus: found.get((row, column), "") for column, locus in enumerate(loci)}
        for row, label in enumerate(rows)
    }


def test_missing_is_drawn_as_missing(fx_gaps):
    ax = plots.haplotype_view(fx_gaps, "TPMT")
    rows = cell_rows(ax)
    assert {label: cells["rs1142345"] for label, cells in rows.items()} == {"F1": "1", "M1": "?", "F2": "2", "F3": ""}
    assert {cells["rs1800460"] for cells in rows.values()} == {"?"}  # no record: essential, so drawn
    assert {label: cells["rs1800462"] for label, cells in rows.items()} == {"F1": "", "M1": "", "F2": "!", "F3": ""}
    (hidden,) = re.findall(r"The GRCh38 allele in every sample \(\d+ loci, not drawn\): (.*?)\.(?: |$)", words(ax))
    every = {locus.name for locus in fx_gaps.results.genotypes.loci if locus.gene == "TPMT"}
    assert {*hidden.split(", "), *labels(ax.xaxis)} == every
    image = ax.images[0].get_array()
    column = labels(ax.xaxis).index("rs1142345")
    shade = {label: to_hex(image[row, column] / 255) for row, label in enumerate(rows)}
    assert len(set(shade.values())) == 4
    assert shade["M1"] == "#ffffff"
    assert_readable(ax)


def test_essential_loci_and_calls_are_marked(fx_gaps):
    ax = plots.haplotype_view(fx_gaps, "TPMT")
    loci = labels(ax.xaxis)
    essential = {locus.name for locus in fx_gaps.results.genotypes.loci if locus.gene == "TPMT" and locus.essential}
    (marks,) = [item for item in ax.collections if isinstance(item, PathCollection)]
    assert {loci[round(x)] for x, _ in marks.get_offsets()} == essential & set(loci)
    calls = {item.get_text() for item in ax.texts if item.get_transform() != ax.transData}
    frame = fx_gaps.diplotypes.to_frame().query("gene == 'TPMT'")
    for row in frame.itertuples():
        name = "" if row.diplotype != row.diplotype else row.diplotype
        settled = row.call_status in ("certain", "probable")
        assert f"{name} {'' if settled else CALLS[CallStatus(row.call_status)].label}".strip() in calls


@pytest.mark.parametrize("gene", ["TPMT", "CYP2C9"])
@pytest.mark.parametrize("height", [1.0, 1.6])
def test_names_of_loci_and_marks_stay_beside_the_cells(gene, height, fx_gaps):
    """A taller figure has taller cells; the names do not float away from them."""
    wide, high = plots.haplotype_view(fx_gaps, gene).figure.get_size_inches()
    ax = plots.haplotype_view(fx_gaps, gene, figsize=(wide, high * height))
    renderer, inch = drawn(ax), ax.figure.dpi
    top = ax.transData.transform((0, -0.5))[1]  # of the cells
    assert all(0 < (item.get_window_extent(renderer).y0 - top) / inch < 0.3 for item in ax.get_xticklabels())
    for marks in (item for item in ax.collections if isinstance(item, PathCollection) and len(item.get_offsets())):
        heights = marks.get_offset_transform().transform(marks.get_offsets())[:, 1]
        assert all(0 < (place - top) / inch < 0.15 for place in heights)


def test_one_copy_is_not_two(fx_gaps):
    rows = cell_rows(plots.haplotype_view(fx_gaps, "G6PD"))
    assert {label: cells["rs1050828"] for label, cells in rows.items()} == {"F1": "1", "M1": "1h", "F2": "", "F3": ""}


def test_an_assumed_reference_is_not_an_observed_one(fx_example):
    analysis = lupus_pgx.analyze(
        fx_example["variant_only.GRCh38.vcf.gz"],
        absent="reference",
        called_regions=fx_example["called_regions.GRCh38.bed"],
    )
    rows = cell_rows(plots.haplotype_view(analysis, "CYP3A5"))
    frame = analysis.variants.to_frame().query("gene == 'CYP3A5'").set_index("locus")
    assumed = {locus for locus, row in frame.iterrows() if row.status == "assumed_reference"}
    assert assumed
    assert {locus for locus, letter in rows["LN-01"].items() if letter == "a"} == assumed
    unknown = lupus_pgx.analyze(fx_example["variant_only.GRCh38.vcf.gz"])
    rows = cell_rows(plots.haplotype_view(unknown, "CYP3A5"))
    assert {locus for locus, letter in rows["LN-01"].items() if letter == "?"} == assumed


def test_samples_are_sorted_by_pattern(fx_sixty):
    ax = plots.haplotype_view(fx_sixty, "SLCO1B1", samples=fx_sixty.sample_ids[5:35])
    column = labels(ax.xaxis).index("rs4149056")
    found = [letters(ax).get((row, column), "") for row in range(30)]
    assert found == sorted(found)
    assert len(set(labels(ax.yaxis))) == 30


def test_patterns_of_many_samples_have_counts(fx_sixty):
    ax = plots.haplotype_view(fx_sixty, "SLCO1B1")
    assert labels(ax.yaxis) == ["20 samples"] * 3
    assert sorted(cells["rs4149056"] for cells in letters_by_row(ax)) == ["", "1", "2"]


def letters_by_row(ax) -> list[dict[str, str]]:
    loci, found = labels(ax.xaxis), letters(ax)
    return [
        {locus: found.get((row, column), "") for column, locus in enumerate(loci)}
        for row in range(len(labels(ax.yaxis)))
    ]


def test_rare_patterns_share_a_row_with_counts_of_carriers(tmp_path):
    """60 samples with a change at six loci each on or off: 60 patterns, of which 20 share the last row."""
    builder = VcfBuilder(samples=[f"S{number}" for number in range(60)], genes=("CYP2C9",))
    names = list(builder.records)[:6]
    lines = list(itertools.product((0, 1), repeat=6))[:60]
    for place, name in enumerate(names):
        site = builder.site(name)
        pair = (f"{site.letters[0]}/{site.letters[0]}", f"{site.letters[0]}/{site.letters[1]}")
        builder.set(name, *(pair[line[place]] for line in lines))
    analysis = lupus_pgx.analyze(builder.write(tmp_path / "a"), genes=["CYP2C9"], drugs=["warfarin"])
    ax = plots.haplotype_view(analysis, "CYP2C9")
    assert labels(ax.yaxis) == ["1 sample"] * 40 + ["20 samples in 20 rarer patterns"]
    rows = letters_by_row(ax)
    for name, column in zip(names, zip(*lines, strict=True), strict=True):
        own = sum(cells[name] == "1" for cells in rows[:-1])
        assert own + int(rows[-1][name] or 0) == sum(column)
    assert_readable(ax)


@pytest.mark.parametrize(
    ("gene", "message"), [("HLA-B", "known from elsewhere only"), ("TPTM", "did you mean TPMT"), ("", "unknown gene")]
)
def test_genes_without_loci_are_refused(gene, message, fx_with_history):
    with pytest.raises(lupus_pgx.UsageError, match=message):
        plots.haplotype_view(fx_with_history, gene)


# --- evidence ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ratios", "rest"),
    [
        ("OR 1.60 (1.27-2.02)", [("OR", 1.6, 1.27, 2.02, "")], ""),
        ("HR 0.12 (0.02-0.58); 35 treated of 194", [("HR", 0.12, 0.02, 0.58, "")], "35 treated of 194"),
        (
            "marrow RR 2.10 (1.60-2.76); gut RR 1.77 (1.25-2.53); 13 studies",
            [("RR", 2.1, 1.6, 2.76, "marrow"), ("RR", 1.77, 1.25, 2.53, "gut")],
            "13 studies",
        ),
        (
            "5 of 7 versus 13 of 47, RR 2.58 (1.34-4.99); severe OR 11.5 (1.59-73.39)",
            [("RR", 2.58, 1.34, 4.99, ""), ("OR", 11.5, 1.59, 73.39, "severe")],
            "5 of 7 versus 13 of 47",
        ),
        ("aOR = 2.1 [95% CI: 1.1, 4.0]", [("OR", 2.1, 1.1, 4.0, "adjusted")], ""),
        ("adjusted OR 0.419 (0.233-0.754), p=0.004", [("OR", 0.419, 0.233, 0.754, "adjusted")], "p=0.004"),
        ("OR 1.2 (1.0 to 1.5)", [("OR", 1.2, 1.0, 1.5, "")], ""),
        ("OR 1.2 (1.0\u20131.5)", [("OR", 1.2, 1.0, 1.5, "")], ""),
        # No kind right before it, no interval, or an interval that cannot be one: left as text.
        ("effect size 1.91 (1.11-3.28)", [], "effect size 1.91 (1.11-3.28)"),
        ("difference 18.2 (10.5-25.8) or 9.3 (-8.0-26.5)", [], "difference 18.2 (10.5-25.8) or 9.3 (-8.0-26.5)"),
        ("OR 9.7", [], "OR 9.7"),
        ("OR 1.9 (2.1-3.0)", [], "OR 1.9 (2.1-3.0)"),
        ("OR 1.2 (0-1.5)", [], "OR 1.2 (0-1.5)"),
        ("VIGOR 1.2 (1.0-1.5)", [], "VIGOR 1.2 (1.0-1.5)"),
        ("", [], ""),
    ],
)
def test_ratios_are_read_and_the_rest_is_kept(text, ratios, rest):
    found, left = parse_ratios(text)
    assert [(item.kind, item.value, item.low, item.high, item.of) for item in found] == ratios
    assert left == rest


def test_ratios_of_a_drug_are_drawn_by_kind(fx_knowledge):
    ax = plots.evidence_forest(fx_knowledge, "RTX")
    rows = fx_knowledge.drug("rituximab").evidence
    wanted = Counter(
        (item.value, item.low, item.high) for row in rows for item in parse_ratios(row.row["effect_size"])[0]
    )
    intervals = [tuple(line.get_xdata()) for line in ax.lines if line.get_marker() == "|"]
    points = [(float(line.get_xdata()[0]), line) for line in ax.lines if line.get_marker() in ("s", "o", "D")]
    assert Counter((value, *ends) for (value, _), ends in zip(points, intervals, strict=True)) == wanted
    assert ax.get_xscale() == "log"
    heads = [item.get_text() for item in ax.texts if item.get_weight() == "bold"]
    abouts = {row.row["about"] for row in rows if parse_ratios(row.row["effect_size"])[0]}
    assert len(heads) >= len({head.partition(")")[0] for head in heads}) == 2
    assert all(re.fullmatch(r"(Odds ratios \(OR\)|Hazard ratios \(HR\)) of [a-z ,]+", head) for head in heads)
    assert {head.partition(" of ")[2] for head in heads} == {" and ".join(about.split(";")) for about in abouts}
    assert {line.get_marker() for _, line in points} == {"s", "D"}
    low, high = ax.get_xlim()
    assert low < min(low for low, _ in intervals)
    assert high > max(high for _, high in intervals)


def test_null_and_conflicting_results_are_open(fx_knowledge):
    ax = plots.evidence_forest(fx_knowledge, "mycophenolate mofetil")
    faces = {
        float(line.get_xdata()[0]): to_hex(line.get_markerfacecolor())
        for line in ax.lines
        if line.get_marker() in ("s", "o", "D")
    }
    assert faces[3.39] == faces[0.24] == "#ffffff"  # the same row, conflicting
    assert faces[13.3] != "#ffffff"
    assert any("conflicting" in label for label in labels(ax.yaxis))


def test_population_and_level_are_in_the_labels(fx_knowledge):
    ax = plots.evidence_forest(fx_knowledge, "belimumab")
    rows = [row for row in fx_knowledge.drug("belimumab").evidence if parse_ratios(row.row["effect_size"])[0]]
    shown = [" ".join(label.split()) for label in labels(ax.yaxis)]
    assert len(shown) >= len(rows) > 0
    for row in rows:
        level = {"meta_analysis": "meta-analysis", "genome_wide_study": "genome-wide study"}
        wanted = level.get(row.row["evidence_level"], row.row["evidence_level"].replace("_", " "))
        assert any(row.row["population"] in label and wanted in label for label in shown)


@pytest.mark.slow
def test_no_evidence_row_is_dropped(fx_knowledge):
    """Every row of every drug has its number, and every figure of its effect size is written somewhere."""
    drugs = [drug for drug in fx_knowledge.drugs_by_name.values() if drug.evidence]
    assert len(drugs) > 40
    for drug in drugs:
        ax = plots.evidence_forest(fx_knowledge, drug.drug)
        written = words(ax)
        assert {int(number) for number in re.findall(r"\[(\d+)\]", written)} == set(range(1, len(drug.evidence) + 1))
        for row in drug.evidence:
            for figure in re.findall(r"\d[\d.]*", row.row["effect_size"] or ""):
                assert figure.rstrip(".") in written, (drug.drug, row.evidence)


@pytest.mark.parametrize("drug", ["cyclophosphamide", "tacrolimus", "sulfamethoxazole / trimethoprim", "carbamazepine"])
def test_forests_of_any_size_are_readable(drug, fx_knowledge):
    assert_readable(plots.evidence_forest(fx_knowledge, drug))


def test_rows_that_apply_to_a_patient_are_marked(fx_with_history, fx_knowledge):
    for sample in ("LN-01", "NP-02"):
        patient = fx_with_history.patient(sample)
        fired = [row for row in patient.drug("rituximab").evidence if row.condition is not None]
        ratios = sum(len(parse_ratios(row.row["effect_size"])[0]) for row in fired)
        ax = plots.evidence_forest(patient, "rituximab")
        bands = [patch for patch in ax.patches if patch.get_height() > 1]
        assert len(bands) == ratios > 0
        plain = [row for row in fired if not parse_ratios(row.row["effect_size"])[0]]
        assert words(ax).count("applies to this genotype:") == len(plain) > 0
    assert not plots.evidence_forest(fx_knowledge, "rituximab").patches


@pytest.mark.parametrize(
    ("source", "drug", "message"),
    [
        ("knowledge", "rituximap", "did you mean rituximab"),
        ("knowledge", "quinacrine", "quinacrine has no evidence row"),
        ("text", "rituximab", "expected a Knowledge or a PatientSummary; found str"),
    ],
)
def test_nothing_to_show_as_evidence_is_said(source, drug, message, fx_knowledge):
    with pytest.raises(lupus_pgx.UsageError, match=message):
        plots.evidence_forest(fx_knowledge if source == "knowledge" else "evidence.tsv", drug)


# --- timeline ---------------------------------------------------------------------------------


@pytest.fixture
def fx_timeline(fx_with_history):
    return plots.timeline(fx_with_history.patient("LN-01"))


def test_therapies_are_bars_from_start_to_stop(fx_timeline):
    therapies = fx_timeline.child_axes[0]
    drugs = labels(therapies.yaxis)
    assert drugs == [
        "methotrexate",
        "cyclophosphamide",
        "azathioprine",
        "mycophenolate mofetil",
        "belimumab",
        "voclosporin",
    ]
    spans = {
        drugs[round(bar.get_y() + 0.3)]: tuple(
            num2date(day).date() for day in (bar.get_x(), bar.get_x() + bar.get_width())
        )
        for bar in bars(therapies)
    }
    assert spans["cyclophosphamide"] == (date(2021, 3, 15), date(2021, 6, 1))
    assert spans["azathioprine"] == (date(2021, 7, 1), date(2021, 8, 10))
    assert spans["mycophenolate mofetil"][1] == num2date(therapies.get_xlim()[1]).date()
    assert set(spans) == {"cyclophosphamide", "azathioprine", "mycophenolate mofetil"}  # others lack an end
    looks = {(to_hex(bar.get_facecolor()), bar.get_hatch()) for bar in bars(therapies)}
    assert len(looks) == 3


def test_outcomes_are_in_words(fx_timeline):
    therapies = fx_timeline.child_axes[0]
    drugs = labels(therapies.yaxis)
    beside = {drugs[round(item.get_position()[1])]: item.get_text() for item in therapies.texts}
    assert beside == {
        "methotrexate": "inadequate response; start not given",
        "cyclophosphamide": "500 mg every 2 weeks; inadequate response",
        "azathioprine": "intolerance: leukopenia",
        "mycophenolate mofetil": "ongoing",
        "belimumab": "response; stop not given",
        "voclosporin": "planned; stop not given",
    }


def test_what_has_no_date_is_written(fx_timeline):
    written = words(fx_timeline)
    assert "Tried, no dates: rituximab (inadequate response)." in written
    assert "Planned, no dates: anifrolumab (300 mg)." in written
    assert "Other drugs taken, no dates: omeprazole, finasteride." in written


def test_results_have_a_panel_each(fx_timeline):
    _, ratio, antibodies = fx_timeline.child_axes
    assert ratio.get_ylabel().endswith("g/g")
    (line,) = ratio.lines
    assert [num2date(day).date() for day in line.get_xdata()] == [date(2021, 3, 1), date(2021, 12, 1)]
    assert line.get_ydata() == pytest.approx([3.1, 2.4])
    assert {"3.1", "2.4"} <= {item.get_text() for item in ratio.texts}
    assert "lupus anticoagulant" in antibodies.get_ylabel()
    assert labels(antibodies.yaxis) == ["absent", "present"]
    assert list(antibodies.lines[0].get_ydata()) == [1]
    assert len({panel.get_xlim() for panel in fx_timeline.child_axes}) == 1


@pytest.mark.parametrize(
    ("fields", "panels", "said"),
    [
        ({"co_medication": ["omeprazole"]}, 0, "nothing has a date"),
        ({"therapies": [{"drug": "AZA", "start": "2020-02-01", "outcome": "ongoing"}]}, 1, "ongoing"),
        ({"labs": [{"quantity": "c3", "unit": "g/L", "values": {"2020-01-01": 0}}]}, 1, "0"),
        (
            {
                "therapies": [
                    {
                        "drug": "other: \u4e2d $x$",
                        "start": "1990-02-01",
                        "stop": "2020-01-01",
                        "outcome": "response",
                    }
                ]
            },
            1,
            "<U+4E2D> $x$",
        ),
    ],
)
def test_little_is_drawn_too(fields, panels, said):
    ax = plots.timeline(lupus_pgx.respond({"TPMT": "*1/*1"}, context=fields))
    assert len(ax.child_axes) == panels
    assert any(said in item for item in texts(ax))
    assert_readable(ax)


@pytest.mark.parametrize(
    ("context", "message"),
    [(None, "what-if has no clinical context"), ({"age": 30}, "names no therapy and no laboratory result")],
)
def test_a_patient_without_history_is_refused(context, message):
    with pytest.raises(lupus_pgx.UsageError, match=message):
        plots.timeline(lupus_pgx.respond({"TPMT": "*1/*1"}, context=context))


def test_an_analysis_is_no_patient(fx_with_history):
    with pytest.raises(lupus_pgx.UsageError, match="expected a PatientSummary"):
        plots.timeline(fx_with_history)


# --- a real cohort ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fx_1kgp(fx_real):
    with (fx_real / "1kgp-samples.tsv").open() as handle:
        ancestry = {row["sample"]: row["super_pop"] for row in csv.DictReader(handle, delimiter="\t")}
    genes = ["TPMT", "NUDT15", "CYP2C19", "CYP2B6", "CYP2D6", "CYP3A5", "FCGR3A"]
    return lupus_pgx.analyze(fx_real / "1kgp-GRCh38.vcf.gz", genes=genes, ancestry=ancestry)


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize(
    "draw",
    [
        plots.response_map,
        plots.call_certainty,
        lambda analysis: plots.response_map(analysis, drugs=["azathioprine", "tacrolimus"]),
        lambda analysis: plots.phenotype_frequencies(analysis, "CYP2C19"),
        lambda analysis: plots.haplotype_view(analysis, "CYP2B6"),
        lambda analysis: plots.haplotype_view(analysis, "CYP2D6"),
        lambda analysis: plots.haplotype_view(analysis, "FCGR3A"),
    ],
)
def test_thousands_of_samples_are_readable(draw, fx_1kgp):
    ax = draw(fx_1kgp)
    assert_readable(ax)
    assert len(labels(ax.yaxis)) < 100
    assert len(labels(ax.xaxis)) < 100


@pytest.mark.slow
@pytest.mark.real
def test_every_real_sample_is_in_a_pattern(fx_1kgp):
    for gene in ("TPMT", "CYP2B6"):
        ax = plots.haplotype_view(fx_1kgp, gene)
        assert sum(int(label.split()[0].replace(",", "")) for label in labels(ax.yaxis)) == 3202
    frame = fx_1kgp.diplotypes.to_frame().query("gene == 'CYP3A5'")
    ax = plots.phenotype_frequencies(fx_1kgp, "CYP3A5")
    found = frequencies(ax)
    for phenotype, count in frame.phenotype.value_counts().items():
        counted = (cells[0].split()[0] for (name, _), cells in found.items() if name == phenotype)
        assert sum(map(int, counted)) == count
