"""Test encodings, mixed folders, and languages from paths, pages and front matter."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from source_support import split

from index_builder.sources.opening import open_source
from index_builder.sources.path_language import PathLanguages
from index_builder.sources.readers.front_matter import split_front_matter
from searchapp.errors import ConfigurationError
from searchapp.files.encodings import detect_encoding

GERMAN = "Grüner Tee wächst auf den Hügeln, und schöne Blätter müssen früh gepflückt werden."
ENCODINGS = [
    ("cp1252", GERMAN),
    ("cp1251", "Зелёный чай растёт на холмах, и листья собирают рано утром, пока они ещё молодые."),
    ("koi8-r", "Зелёный чай растёт на холмах, и листья собирают рано утром, пока они ещё молодые."),
    ("cp1253", "Το πράσινο τσάι μεγαλώνει στους λόφους και τα φύλλα μαζεύονται νωρίς το πρωί."),
    ("gb18030", "绿茶生长在山丘上，清晨采摘嫩叶，然后在阳光下晒干，最后装进木箱运往城市。"),
    ("cp932", "緑茶は丘の上で育ち、若い葉は朝早くに摘まれ、日光で乾かされて町へ運ばれます。"),
    ("cp949", "녹차는 언덕에서 자라며 어린 잎은 이른 아침에 따서 햇볕에 말린 다음 도시로 보냅니다."),
    ("utf-16", GERMAN),
    ("utf-16-le", GERMAN),
    ("utf-32", GERMAN),
]


@pytest.mark.parametrize(("encoding", "text"), ENCODINGS)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.txt", "a.md", "a.html"])
def test_every_reader_tells_the_encoding(tmp_path: Path, name: str, encoding: str, text: str) -> None:
    content = {
        "a.csv": f'id,text\n1,"{text}"\n',
        "a.tsv": f"id\ttext\n1\t{text}\n",
        "a.jsonl": json.dumps({"id": "1", "text": text}, ensure_ascii=False) + "\n",
        "a.json": json.dumps([{"id": "1", "text": text}], ensure_ascii=False),
        "a.html": f"<p>{text}</p>",
    }.get(name, text)
    (tmp_path / name).write_bytes(content.encode(encoding))
    documents, rejects = split(open_source(str(tmp_path / name)))
    assert ([document.text for document in documents], rejects) == ([text], [])


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.txt", "a.md", "a.html"])
def test_an_encoding_that_is_named_is_used_even_for_one_byte(tmp_path: Path, name: str) -> None:
    content = {"a.csv": "text\ncafé\n", "a.jsonl": '{"text": "café"}\n'}.get(name, "café")
    (tmp_path / name).write_bytes(content.encode("cp1252"))
    documents, rejects = split(open_source(str(tmp_path / name)))
    assert documents == [] and "--encoding" in rejects[0].reason
    documents, _ = split(open_source(str(tmp_path / name), encoding="windows-1252"))
    assert [document.text for document in documents] == ["café"]


def test_a_csv_of_500_rows_in_windows_encoding_loses_none(tmp_path: Path) -> None:
    rows = "".join(f"{n};{'Müller trinkt Tee' if n % 3 else 'Tee'};x\n" for n in range(500))
    (tmp_path / "a.csv").write_bytes(("id;text;k\n" + rows).encode("cp1252"))
    documents, rejects = split(open_source(str(tmp_path / "a.csv")))
    assert (len(documents), rejects, documents[1].text) == (500, [], "Müller trinkt Tee")


def test_encodings_that_do_not_exist_are_refused() -> None:
    for name in ("klingon", "rot13", "base64", "idna", "punycode", "\x00"):
        with pytest.raises(ConfigurationError, match="unknown encoding"):
            open_source("/tmp", encoding=name)
    assert detect_encoding(b"plain") == detect_encoding("grün".encode()) == detect_encoding(b"\xff\xfe"[:1]) == "utf-8"


def docx(path: Path, *paragraphs: str, title: str = "", table: list[list[str]] | None = None) -> None:
    document = pytest.importorskip("docx").Document()
    document.core_properties.title = title
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        made = document.add_table(rows=0, cols=len(table[0]))
        for cells in table:
            row = made.add_row()
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    document.save(str(path))


def test_a_folder_with_everything_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text,language\n1,tea,eng\n2,leaf,fra_Latn\n")
    (tmp_path / "b.jsonl").write_text('{"id": "1", "text": "cup"}\n')
    (tmp_path / "c.json").write_text('[{"id": "1", "text": "pot"}]')
    docx(tmp_path / "d.docx", "Green tea.", "Black tea.", title="Teas", table=[["a", "b"], ["c", "d"]])
    (tmp_path / "image.png").write_bytes(b"\x89PNG")
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr("pages/tea.md", "# Tea\n\nIt is green.")
        archive.writestr("rows.csv", "id,text\n1,lid\n")
        archive.writestr("inner.zip", b"PK")
        archive.writestr("../../evil.txt", "spoon")
        archive.writestr("__MACOSX/x.txt", "no")
    documents, rejects = split(open_source(str(tmp_path)))
    assert {d.id: d.text for d in documents} == {
        "a.csv#1": "tea",
        "a.csv#2": "leaf",
        "b.jsonl#1": "cup",
        "c.json#1": "pot",
        "d.docx": "Green tea.\n\nBlack tea.\n\na\n\nb\n\nc\n\nd",
        "e.zip/../../evil.txt": "spoon",
        "e.zip/pages/tea.md": "Tea\n\nIt is green.",
        "e.zip/rows.csv#1": "lid",
    }
    assert {d.id: d.language for d in documents if d.id.startswith("a.csv")} == {"a.csv#1": "en", "a.csv#2": "fr"}
    assert next(d.title for d in documents if d.id == "d.docx") == "Teas"
    assert [(reject.path, reject.kind) for reject in rejects] == [("e.zip/inner.zip", "nested archive")]
    assert not list(tmp_path.parent.glob("evil*"))


@pytest.mark.parametrize("name", ["a.md", "a.html", "a.docx", "a.txt", "a.zip"])
def test_a_single_file_is_a_source(tmp_path: Path, name: str) -> None:
    if name == "a.docx":
        docx(tmp_path / name, "tea")
    elif name == "a.zip":
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("a.txt", "tea")
    else:
        (tmp_path / name).write_text("tea")
    (document,), rejects = split(open_source(str(tmp_path / name)))
    assert (document.text, rejects) == ("tea", [])


def test_front_matter_is_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text('---\ntitle: "Grüner Tee"\nlang: deu\ntags: [tee, blatt]\ndate: 2020-01-02\n---\n# Kopf\n\nText.\n')
    (document,), _ = split(open_source(str(path)))
    assert (document.title, document.language, document.text) == ("Grüner Tee", "de", "Kopf\n\nText.")
    assert document.metadata == {"tags": ["tee", "blatt"], "date": "2020-01-02", "file": "a.md"}
    path.write_text('+++\ntitle = "Tea"\n+++\nText.\n')
    (document,), _ = split(open_source(str(path)))
    assert (document.title, document.text) == ("Tea", "Text.")
    bomb = "a: &a [x,x]\n" + "".join(
        f"{c}: &{c} [*{p},*{p},*{p},*{p},*{p},*{p},*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    path.write_text(f"---\n{bomb}---\nText.\n")
    documents, rejects = split(open_source(str(path)))
    assert (documents, [reject.kind for reject in rejects]) == ([], ["metadata too large"])
    for text in (
        "---\nText with a rule\n---\nmore",
        "---\n: [\n---\nText",
        "no front matter",
        "---\n" + "[" * 30_000 + "\n---\n",
    ):
        assert split_front_matter(text) == ({}, text)


def test_html_is_cut_into_blocks_and_freed_of_its_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<html lang='de-DE'><head><title>Tee &amp; mehr</title></head><body><header><a>Anmelden</a></header>"
        "<nav>Start Über uns</nav><aside>Werbung</aside>before<div>one</div>after<p>two<br>three <b>fo</b>ur</p>"
        "<ul><li>a</li><li>b</li></ul><table><tr><td>x</td><td>y</td></tr></table><script>no()</script>"
        "<footer>Impressum</footer></body></html>"
    )
    (document,), _ = split(open_source(str(path)))
    assert (document.title, document.language) == ("Tee & mehr", "de")
    assert document.text.split() == ["before", "one", "after", "two", "three", "four", "a", "b", "x", "y"]
    assert document.text.startswith("before\n\none\n\nafter\n\ntwo\nthree four\n\na\n\nb\n\nx\ty")
    path.write_text("<body><div>menu</div><main><p>Tea.</p></main><div>more</div></body>")
    assert split(open_source(str(path)))[0][0].text == "Tea."
    path.write_text("<body><nav>Only a menu</nav></body>")
    assert split(open_source(str(path)))[0][0].text == "Only a menu"
    path.write_text("<head><meta http-equiv='Content-Language' content='fr'></head><body>thé</body>")
    assert split(open_source(str(path)))[0][0].language == "fr"


@pytest.mark.parametrize(
    ("place", "language"),
    [
        ("i18n/de/a.md", "de"),
        ("content/fr/blog/a.md", "fr"),
        ("docs/pt-BR/a.md", "pt"),
        ("locales/zh_CN/a.md", "zh"),
        ("pages.ko/common/tar.md", "ko"),
        ("pages.pt_BR/common/tar.md", "pt"),
        ("pages/common/tar.md", None),
        ("guide/es/a.md", "es"),
        ("guide/it/a.md", "it"),
        ("guide/sv/a.md", "sv"),
        ("name.es.md", "es"),
        ("README.zh-CN.md", "zh"),
        ("README_ja.md", "ja"),
        ("README.md", None),
        ("deep/it/works.md", None),
        ("my-app/no/way.md", None),
        ("my_is.md", None),
    ],
)
def test_languages_from_the_usual_layouts(place: str, language: str | None) -> None:
    places = [
        "i18n/de/a.md", "content/fr/blog/a.md", "docs/pt-BR/a.md", "locales/zh_CN/a.md", "pages.ko/common/tar.md",
        "pages.pt_BR/common/tar.md", "pages/common/tar.md", "guide/es/a.md", "guide/it/a.md", "guide/sv/a.md", "name.es.md",
        "README.zh-CN.md", "README_ja.md", "README.md", "deep/it/works.md", "my-app/no/way.md", "my_is.md",
    ]  # fmt: skip
    assert PathLanguages(places).of(place) == language


def test_a_pattern_of_paths(tmp_path: Path) -> None:
    for place in ("pages.ko/a.md", "pages.xx-bad/a.md", "v1/de_DE/b.md"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("---\nlang: en\n---\ntea")
    documents, _ = split(open_source(str(tmp_path), language_path="pages.{language}/"))
    assert {d.id: d.language for d in documents} == {
        "pages.ko/a.md": "ko",
        "pages.xx-bad/a.md": "en",
        "v1/de_DE/b.md": "en",
    }
    documents, _ = split(open_source(str(tmp_path), language_path="v*/{language}/"))
    assert {d.id: d.language for d in documents}["v1/de_DE/b.md"] == "de"
    for bad in ("pages/", "{language}/{language}", ""):
        with pytest.raises(ConfigurationError, match=r"must name \{language\} once"):
            open_source(str(tmp_path), language_path=bad)
    assert PathLanguages([], pattern="*.{language}.md").of("a/name.es.md") == "es"


def test_pages_of_a_pdf_are_documents(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    from benchmarks.campaign.pdf import one_page_pdf

    (tmp_path / "one.pdf").write_bytes(one_page_pdf("Tea from a page"))
    writer = pypdf.PdfWriter()
    for _ in range(2):
        writer.append(str(tmp_path / "one.pdf"))
    writer.add_blank_page(100, 100)
    (tmp_path / "one.pdf").unlink()
    writer.write(str(tmp_path / "a.pdf"))
    documents, rejects = split(open_source(str(tmp_path / "a.pdf")))
    assert [(d.id, d.metadata["page"], d.metadata["pages"]) for d in documents] == [
        ("a.pdf#page=1", 1, 3),
        ("a.pdf#page=2", 2, 3),
    ]
    assert rejects == []
