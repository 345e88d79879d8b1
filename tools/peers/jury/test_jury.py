"""Tests of the jury's own rules: what it counts as the same, and whom it believes."""

import contextlib
import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import exceptions
import main
import numpy
import pixels
from exceptions import Case, exception
from formats import sniff
from members import Member
from PIL import Image
from verdict import Refused, Shown, Verdict, judge

RED, BLUE = (200, 0, 0), (0, 0, 200)


def shown(colour, size=(60, 40)):
    return Shown(*size, [Image.new("RGB", size, colour)] * len(pixels.EDGES))


def refused(code="corrupt", message=""):
    return Refused(code, message)


def outcome(ours, *others, quorum=2):
    names = ("chromium", "sharp", "pillow")
    return judge({"engine": ours, **dict(zip(names, others))}, quorum).outcome


class Rule(unittest.TestCase):
    def test_what_two_show_decides(self):
        self.assertEqual(outcome(shown(RED), shown(RED), shown(RED), refused()), "agree")
        self.assertEqual(outcome(shown(BLUE), shown(RED), shown(BLUE), shown(RED)), "differ")
        self.assertEqual(outcome(shown(BLUE), shown(RED), shown(RED), refused()), "differ")
        self.assertEqual(outcome(refused(), shown(RED), shown(RED), refused()), "refused")

    def test_two_that_show_something_else_are_split(self):
        self.assertEqual(outcome(shown(RED), shown(RED), shown(BLUE), refused()), "split")

    def test_one_alone_decides_nothing_unless_the_jury_is_one(self):
        self.assertEqual(outcome(shown(RED), shown(BLUE), refused(), refused()), "alone")
        self.assertEqual(outcome(refused(), shown(BLUE), refused(), refused()), "nothing")
        self.assertEqual(outcome(shown(RED), shown(BLUE), quorum=1), "differ")
        self.assertEqual(outcome(shown(RED), shown(RED), quorum=1), "agree")

    def test_a_crash_of_the_engine_is_a_finding_whatever_the_others_show(self):
        self.assertEqual(outcome(refused("crashed"), refused(), refused(), refused()), "refused")

    def test_a_turned_image_is_another_one(self):
        square, turned = shown(RED), shown(RED, (40, 60))
        self.assertEqual(outcome(turned, square, square), "differ")


class Distance(unittest.TestCase):
    def test_a_missing_strip_is_a_difference(self):
        whole = numpy.full((96, 96, 3), 120, "uint8")
        cut = whole.copy()
        cut[-12:, :24] = 60
        mean, part = pixels.distance(whole, cut)
        self.assertLess(mean, pixels.MAX_MEAN)
        self.assertFalse(pixels.is_close([(mean, part)]))

    def test_noise_is_none(self):
        whole = numpy.full((96, 96, 3), 120, "uint8")
        noise = numpy.random.default_rng(1).integers(-3, 4, whole.shape)
        self.assertTrue(pixels.is_close([pixels.distance(whole, (whole + noise).astype("uint8"))]))

    def test_what_a_filter_makes_of_a_fine_pattern_is_none(self):
        rows, columns = numpy.indices((96, 96))
        pattern = numpy.where((rows + columns) % 2, 100, 140).astype("uint8")
        one, other = (numpy.dstack([grey] * 3) for grey in (pattern, numpy.full_like(pattern, 120)))
        self.assertTrue(pixels.is_close([pixels.distance(one, other)]))
        coarse = numpy.where((rows // 6 + columns // 6) % 2, 100, 140).astype("uint8")
        self.assertFalse(pixels.is_close([pixels.distance(numpy.dstack([coarse] * 3), other)]))

    def test_images_are_shrunk_to_the_engine_s_dimensions(self):
        self.assertEqual(pixels.fit(1001, 747, 96), (96, 72))
        self.assertEqual(pixels.fit(5000, 1, 96), (96, 1))
        self.assertEqual(pixels.fit(60, 40, 96), (60, 40))


ECHO = """
import json, os, sys, time
for line in sys.stdin:
    do = json.loads(line)["do"]
    if do == "die":
        os._exit(1)
    if do == "hang":
        time.sleep(60)
    print(json.dumps({"outcome": do}), flush=True)
"""


class Workers(unittest.TestCase):
    def test_one_that_dies_or_hangs_goes_on_with_the_next_file(self):
        member = Member("test", [sys.executable, "-c", ECHO], subprocess.DEVNULL, timeout_secs=2)
        jobs = ("shown", "die", "shown", "hang", "shown")
        answers = [member.ask({"do": do})["outcome"] for do in jobs]
        member.finish()
        self.assertEqual(answers, ["shown", "refused", "shown", "refused", "shown"])


class Exceptions(unittest.TestCase):
    def case(
        self, ours, format="jpeg", complaint="", pillow=None, content=b"", same_size=None
    ):
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(content)
        self.addCleanup(Path(file.name).unlink)
        answers = {"engine": ours, "pillow": pillow or shown(RED)}
        distances = {same_size: [(9.0, 20.0)]} if same_size else {}
        verdict = Verdict("differ", distances)
        return exception(Case(Path(file.name), format, answers, verdict, lambda: complaint))

    def test_missing_pixels_are_corrupt_only_where_another_program_misses_them(self):
        said = "VipsJpeg: Corrupt JPEG data: premature end of data segment"
        self.assertEqual(self.case(refused(), complaint=said), "pixels-missing")
        truncated = refused("", "OSError: image file is truncated (3 bytes not processed)")
        self.assertEqual(self.case(refused(), pillow=truncated), "pixels-missing")
        self.assertIsNone(self.case(refused(), complaint="VipsJpeg: bad Huffman code"))
        self.assertIsNone(self.case(shown(RED), complaint=said))

    def test_limits_are_limits(self):
        self.assertEqual(self.case(refused("too_many_pixels")), "limit")

    def test_arithmetic_coding_is_rare_and_a_baseline_image_is_not(self):
        start = b"\xff\xd8\xff\xe0\x00\x04ab\xff"
        ours = refused("unsupported_format")
        self.assertEqual(self.case(ours, content=start + b"\xc9\x00\x0b"), "rare-jpeg")
        self.assertIsNone(self.case(ours, content=start + b"\xc0\x00\x0b"))

    def test_colours_that_a_heic_names_are_followed_unless_they_are_srgb_s(self):
        def case(primaries, transfer, more=b""):
            content = b"colrnclx\0" + bytes([primaries, 0, transfer, 0, 6, 0x80]) + more
            return self.case(shown(RED), "heic", content=content, same_size=("engine", "pillow"))

        for primaries, transfer in ((12, 13), (9, 16), (1, 18)):
            self.assertEqual(case(primaries, transfer), "named-colours")
            self.assertIsNone(case(primaries, transfer, b"colrprof"))
        self.assertIsNone(case(1, 13))
        content = b"colrnclx\0\x0c\0\x0d\0\6\x80"
        self.assertIsNone(self.case(refused("unsupported_format"), "heic", content=content))
        pair = ("engine", "chromium")
        self.assertIsNone(self.case(shown(RED), "avif", content=content, same_size=pair))

    def test_cicp_is_followed_where_chromium_does(self):
        png = b"\x89PNG\r\n\x1a\n----cICP----IDAT"
        case = Case(Path(), "png", {"engine": shown(RED)}, Verdict("differ"), str)
        with tempfile.TemporaryDirectory() as folder:
            case.path = Path(folder) / "a.png"
            case.path.write_bytes(png)
            case.verdict.distances = {("engine", "chromium"): [(0.1, 0.2)]}
            self.assertEqual(exception(case), "png-cicp")
            case.verdict.distances = {("engine", "chromium"): [(9.0, 9.0)]}
            self.assertIsNone(exception(case))

    def test_a_grey_profile_of_16_bits_counts_where_pillow_sees_it(self):
        def case(depth, colour_type, distances):
            header = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + bytes([0, 0, 0, 1] * 2)
            content = header + bytes([depth, colour_type]) + b"iCCP"
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "a.png"
                path.write_bytes(content)
                verdict = Verdict("differ", {("engine", "pillow"): distances})
                return exception(Case(path, "png", {"engine": shown(RED)}, verdict, str))

        near, far = [(0.1, 0.2)], [(9.0, 9.0)]
        self.assertEqual(case(16, 0, near), "deep-grey")
        for other in ((8, 0, near), (16, 2, near), (16, 0, far)):
            self.assertIsNone(case(*other))

    def test_the_documentation_has_all(self):
        page = Path(__file__).resolve().parents[3] / "docs" / "formats.md"
        text = page.read_text(encoding="utf-8")
        for name in exceptions.EXCEPTIONS:
            self.assertIn(f"`{name}`", text)
        for number in (*pixels.EDGES, int(pixels.MAX_MEAN), int(pixels.MAX_PART)):
            self.assertRegex(text, rf"\b{number}\b")


class Formats(unittest.TestCase):
    def test_formats_are_told_by_the_first_bytes(self):
        brands = b"\0\0\0\x1cftypmif1\0\0\0\0mif1miaf"
        for start, format in (
            (b"\xff\xd8\xff\xe0", "jpeg"),
            (b"\xff\xd8xx", None),
            (b"II*\0", None),
            (b"RIFF\0\0\0\0WEBP", "webp"),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"\0\0\0\x1cftypheic\0\0\0\0mif1heic", "heic"),
            (brands + b"avif", "avif"),
            (brands + b"heix", "heic"),
            (b"", None),
        ):
            with tempfile.NamedTemporaryFile() as file:
                file.write(start)
                file.flush()
                self.assertEqual(sniff(file.name), format, start)


class Lines(unittest.TestCase):
    def test_a_finding_says_what_each_program_shows(self):
        answers = {"engine": shown(RED), "sharp": shown(BLUE), "pillow": refused("", "no")}
        line = main.described("a.jpg", judge(answers, 1), answers)
        self.assertEqual(
            line, "differ a.jpg: engine 60x40 sharp 60x40 (error 133.3) pillow refused"
        )

    def test_a_folder_without_images_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
            arguments = ["main", "--images", folder, "--engine", "x", "--out", f"{folder}/out"]
            sys.argv = arguments
            with self.assertRaisesRegex(SystemExit, "has no image"):
                main.main()


if __name__ == "__main__":
    unittest.main()
