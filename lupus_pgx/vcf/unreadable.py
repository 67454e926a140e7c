"""Words for what was given in place of a VCF: what it is, and what to do."""

from __future__ import annotations

import re
import zlib

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
_LOOK = 4096  # bytes that are looked at
_VCF = b"##fileformat=VCF"

_UTF_16 = "text in UTF-16; save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE > NEW.vcf"
_UTF_32 = "text in UTF-32; save it as UTF-8: iconv -f UTF-32 -t UTF-8 FILE > NEW.vcf"
_UTF_32_STARTS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"#\x00\x00\x00", b"\x00\x00\x00#")
_BY_START = (
    (
        b"\xef\xbb\xbf",
        "text that starts with a byte-order mark, which an editor put there; remove it: "
        "sed -i '1s/^\\xEF\\xBB\\xBF//' FILE",
    ),
    # Before UTF-16, whose mark two of them begin with.
    *((mark, _UTF_32) for mark in _UTF_32_STARTS),
    *((mark, _UTF_16) for mark in (b"\xff\xfe", b"\xfe\xff", b"#\x00#\x00", b"\x00#\x00#")),
    (b"BAM\x01", "a BAM file (aligned reads); call variants first, or give the VCF"),
    (b"CRAM", "a CRAM file (aligned reads); call variants first, or give the VCF"),
    (b"@HD\t", "a SAM file (aligned reads); call variants first, or give the VCF"),
    (b"@SQ\t", "a SAM file (aligned reads); call variants first, or give the VCF"),
    (b"TBI\x01", "an index; give the file that it stands beside"),
    (b"CSI\x01", "an index; give the file that it stands beside"),
    (b"\x6c\x1b\x01", "a plink .bed file; write a VCF of it: plink2 --bfile NAME --export vcf bgz"),
    (b"\x6c\x1b\x10", "a plink .pgen file; write a VCF of it: plink2 --pfile NAME --export vcf bgz"),
    (_GZIP, "compressed twice; unpack it twice and compress it once: zcat FILE | zcat | bgzip > NEW.vcf.gz"),
    (b"BZh", "compressed with bzip2; unpack it and compress it with bgzip"),
    (b"\xfd7zXZ", "compressed with xz; unpack it and compress it with bgzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it and compress it with bgzip"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it and give the VCF in it"),
    (b"Rar!", "a RAR archive; unpack it and give the VCF in it"),
    (b"%PDF", "a PDF; give the VCF that it was made from"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\xd0\xcf\x11\xe0", "an Excel or Word document; give the VCF"),
    (b"SQLite", "a database"),
    (b"##gff-version", "a GFF file"),
    (b">", "a FASTA file (a sequence); give the VCF"),
)
_ARRAY = (
    (re.compile(rb"\A#[^\n]*23andMe", re.IGNORECASE), "a 23andMe export"),
    (re.compile(rb"\A#[^\n]*AncestryDNA", re.IGNORECASE), "an AncestryDNA export"),
    (re.compile(rb"\A#?[^\n]*MyHeritage", re.IGNORECASE), "a MyHeritage export"),
    (re.compile(rb"\A\[Header\]\s.*(GSGT|BeadChip|Illumina|\.bpm)", re.IGNORECASE | re.DOTALL), "an Illumina report"),
    (re.compile(rb"^\W*rsid[\W_]+chrom", re.IGNORECASE | re.MULTILINE), "an array export"),
    (re.compile(rb"^SNP Name[\t,]", re.IGNORECASE | re.MULTILINE), "an Illumina report"),
)
_ARRAY_RECIPE = (
    "make a VCF of it first, on the build it states: 'bcftools convert --tsv2vcf FILE -c ID,CHROM,POS,AA "
    "-f GENOME.fa -s NAME -Oz -o NAME.vcf.gz' (23andMe: 'plink --23file FILE --recode vcf bgz')"
)
_BY_PATTERN = (
    (re.compile(rb"\APK\x03\x04.*(?:xl/|\[Content_Types\])", re.DOTALL), "an Excel workbook; give the VCF"),
    (re.compile(rb"\APK\x03\x04"), "a ZIP archive; unpack it and give the VCF in it"),
    (re.compile(rb"\A@[^\n]+\n[A-Za-z.]+\r?\n\+"), "a FASTQ file (raw reads); align them and call variants first"),
    (
        re.compile(rb"\A(?:(?:track|browser)[^\n]*\n)*(?:chr)?\w+\t\d+\t\d+[\t\r\n]"),
        "a BED file (regions); give the VCF",
    ),
    (
        re.compile(rb"\A\s*<(?:!doctype|html|\?xml)", re.IGNORECASE),
        "a web page or XML; look at it: a download may have failed",
    ),
    (re.compile(rb'\A\s*[\[{]\s*["{\[]'), "a JSON document; give the VCF"),
)
_SEPARATORS = ((",", "commas"), (";", "semicolons"), ("\t", "tabs"))
_COLUMNS = re.compile(r"#CHROM\W+POS\W+ID\W+REF\W+ALT\W+QUAL\W+FILTER\W+INFO\b(?:\W+FORMAT\b)?")

SECOND_HEADER = (
    "a second header stands between the records: files were written one after the other; give each of them, or join "
    "them with 'bcftools concat' (the same samples) or 'bcftools merge' (others)"
)


def address(path: str) -> str | None:
    """Say that a path is an address, or return None."""
    found = _ADDRESS.match(path)
    if found is None:
        return None
    return "is an address, not a file; " + (
        "give the path alone" if found[1].lower() == "file" else "download it first and give the path of the copy"
    )


def not_a_vcf(start: bytes) -> str:
    """Say what a file is by its first bytes, given that it is neither VCF nor BCF."""
    named = _named(start[:_LOOK])
    return f"not a VCF or BCF file: this is {named}" if named else _odd(start)


def old_line_ends(start: bytes) -> str | None:
    """Say that the lines of a VCF end as on old computers, or return None."""
    if b"\r" not in start or b"\n" in start:
        return None
    return (
        "its lines end with a carriage return alone, which no reader of VCF knows; "
        "write line feeds: tr '\\r' '\\n' < FILE > NEW.vcf"
    )


def not_by_tabs(line: str) -> str | None:
    """Say what stands between the columns of a #CHROM line in place of tabs, or return None.

    Examples
    --------
    >>> not_by_tabs("#CHROM,POS,ID,REF,ALT,QUAL,FILTER,INFO,FORMAT,S1").partition(":")[0]
    'columns must be separated by tabs; the #CHROM line has commas instead'
    """
    found = _COLUMNS.match(line)
    if found is None:
        return None
    between = set(re.sub(r"[\w#]", "", found[0])) - {"\t"}
    if not between:
        return None
    wrong = "columns must be separated by tabs; the #CHROM line has"
    for separator, words in _SEPARATORS:
        if separator in between:
            return f"{wrong} {words} instead: a spreadsheet may have written it; give the file as the caller wrote it"
    return (
        f"{wrong} blanks instead; give the file as the caller wrote it, "
        "or write tabs: sed '/^##/!s/  */\\t/g' FILE > NEW.vcf"
    )


def _table(start: bytes) -> str | None:
    """Name a table by what separates its first two lines alike."""
    lines = [line for line in start.decode("utf-8", "replace").splitlines() if line.strip()][:2]
    if not start.startswith((b"#CHROM", b"##")):
        for separator, words in _SEPARATORS:
            counts = {line.count(separator) for line in lines}
            if len(lines) > 1 and len(counts) == 1 and min(counts) > 1:
                return f"a table separated by {words}; give the VCF that it was made from"
    return None


def _odd(start: bytes) -> str:
    if start.lstrip().startswith(_VCF):
        return "not a VCF or BCF file: blanks or empty lines stand before '##fileformat=VCF...'; remove them"
    reason = "expected a first line '##fileformat=VCF...'"
    if start.startswith((b"#CHROM", b"##")):
        reason += "; the header is there, but not from its start"
    return f"not a VCF or BCF file ({reason})"


def inner(start: bytes) -> bytes:
    """Return the first bytes of what is compressed by gzip; nothing if it is damaged."""
    try:
        return zlib.decompressobj(_GZIP_WINDOW).decompress(start, _LOOK)
    except zlib.error:
        return b""


def _named(start: bytes) -> str | None:
    """Name a kind of file; None where it is not known."""
    for mark, words in _BY_START:
        if start.startswith(mark):
            return words
    for pattern, words in _ARRAY:
        if pattern.search(start):
            return f"{words} (genotypes of an array); {_ARRAY_RECIPE}"
    return next((words for pattern, words in _BY_PATTERN if pattern.search(start)), None) or _table(start)
