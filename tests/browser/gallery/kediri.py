"""Four weeks of reports in Kediri, in every state that a page can show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

from tests.browser.gallery.town import Life, Town, at, bounced, person, settled

BANDAR_LOR, POJOK, BUJEL, MOJOROTO, LIRBOYO = (f"35.71.01.{each}" for each in (1001, 1004, 1006, 1011, 1013))
SEMAMPIR, BALOWERTI, KEMASAN, NGRONGGO = (f"35.71.02.{each}" for each in (1001, 1002, 1010, 1014))


@dataclass
class Kediri:
    """Reports by what they are shown for: their codes and keys."""

    town: Town
    reports: dict[str, tuple[str, str]] = field(default_factory=dict)

    def live(self) -> None:
        town = self.town
        lives: list[tuple[datetime, Life]] = [
            (at(5, "08:20"), self.closed()),
            (at(12, "09:02"), self.resolved()),
            (at(15, "08:47"), self.convened()),
            (at(16, "07:55"), self.refused()),
            (at(18, "08:05"), self.offered()),
            (at(13, "09:30"), self.held()),
            (at(16, "10:20"), self.referred()),
        ]
        lives += [(at(day, clock), self.new(*facts)) for day, clock, *facts in NEW]
        lives += [(at(facts[4], "08:10"), settled(town, *facts)) for facts in SETTLED]
        lives += [(at(facts[4], "08:25"), bounced(town, *facts)) for facts in BOUNCED]
        lives += [(at(facts[4], "08:40"), self.late(*facts)) for facts in LATE]
        town.live(lives)

    def _came(self, name: str, kind: str, place: str, text: str, who: str, **more: object) -> tuple[str, str]:
        self.reports[name] = self.town.report(category=kind, place=place, text=text, reporter=person(who), **more)
        return self.reports[name]

    def closed(self) -> Iterator[datetime]:
        """The whole way: refused twice, convened, assigned, objected to, resolved, confirmed, rated."""
        town = self.town
        words = "Lampu penerangan di depan Pasar Bandar mati, dua motor bertabrakan tadi malam."
        code, key = self._came("closed", "jalan-kota", BANDAR_LOR, words, "Siti Aminah")
        yield at(5, "09:40")
        town.accept(code)
        yield at(5, "13:15")
        town.hand(code, "dpupr", "perkim", "Jalannya sudah kami tambal. Yang padam lampunya.")
        yield at(6, "09:05")
        town.refuse(code, "perkim", "dlhkp", "Tiang itu berdiri di taman kota, bukan di badan jalan.")
        yield at(6, "14:30")
        town.refuse(code, "dlhkp", "perkim", "Taman berakhir di utara pasar.", "other-place")
        town.wait(code, "convened")
        yield at(7, "10:20")
        town.assign(code, "asisten-ekbang", "perkim")
        yield at(9, "15:05")
        town.resolve(code, "perkim", "Lampu diganti LED 60 watt.")
        yield at(10, "08:15")
        town.object(code, key, "Lampu sebelah utara masih berkedip.")
        yield at(11, "13:50")
        town.resolve(code, "perkim", "Kabel ke tiang utara diganti.")
        yield at(12, "07:50")
        town.confirm(code, key)

    def resolved(self) -> Iterator[datetime]:
        town = self.town
        words = "Dahan pohon trembesi menyentuh kabel listrik di depan SDN Pojok 1. Anak-anak lewat di bawahnya."
        code, key = self._came("resolved", "pohon", POJOK, words, "Budi Santoso")
        yield at(12, "10:30")
        town.accept(code)
        yield at(13, "09:00")
        town.note(code, "dlhkp", "Petugas kami datang hari Jumat pagi. Mohon mobil di depan sekolah dipindahkan.")
        yield at(13, "09:40")
        town.photos(code, key, scene("tree"))
        yield at(16, "14:35")
        town.show(code, "dlhkp", "Sesudah dipangkas.", scene("tree", 2), scene("road", 3))
        town.resolve(code, "dlhkp", "Tiga dahan dipangkas, ranting sudah diangkut.")

    def convened(self) -> Iterator[datetime]:
        town = self.town
        words = "Tutup gorong-gorong hilang di trotoar depan Pasar Setonobetek. Malam hari tidak kelihatan."
        code, key = self._came("convened", "drainase", KEMASAN, words, "Dewi Lestari")
        yield at(15, "09:20")
        town.photos(code, key, scene("hole"), scene("road", 1))
        yield at(15, "10:05")
        town.accept(code)
        yield at(15, "14:40")
        town.hand(code, "dpupr", "disperdagin", "Trotoar itu dibongkar untuk pintu pasar yang baru.")
        yield at(16, "11:10")
        town.refuse(code, "disperdagin", "perkim", "Pagar pasar berakhir dua meter sebelum lubang itu.", "other-place")
        yield at(17, "08:50")
        town.refuse(code, "perkim", "dpupr", "Kami mengurus saluran perumahan, bukan saluran jalan.")
        town.wait(code, "convened")

    def refused(self) -> Iterator[datetime]:
        town = self.town
        words = "Aspal ambles selebar dua meter di Jalan Mayor Bismo, di atas pipa yang baru ditanam."
        code, _ = self._came("refused", "jalan-kota", SEMAMPIR, words, "Agus Wijaya")
        yield at(16, "09:10")
        town.accept(code)
        yield at(17, "09:10")
        town.hand(code, "dpupr", "perkim", "Ambles di atas saluran air limbah permukiman.")
        yield at(18, "08:40")
        town.refuse(code, "perkim", "bpbd", "Saluran kami di sisi timur. Yang ini bekas galian darurat saat banjir.")
        town.wait(code, "offered", "bpbd")

    def offered(self) -> Iterator[datetime]:
        words = "Lubang sedalam lutut di Jalan Veteran, depan toko sepeda. Tertutup air kalau hujan."
        code, key = self._came("offered", "jalan-kota", MOJOROTO, words, "Rina Puspita")
        yield at(18, "08:20")
        self.town.photos(code, key, scene("hole", 4))
        self.town.wait(code, "offered")

    def held(self) -> Iterator[datetime]:
        town = self.town
        words = "Pagar jembatan Alun-Alun patah dua ruas, anak-anak sering bersandar di situ."
        code, _ = self._came("held", "jembatan", BALOWERTI, words, "Hendra Gunawan")
        yield at(13, "11:00")
        town.accept(code)
        yield at(15, "13:30")
        town.note(code, "dpupr", "Ruas pagar sedang dilas di bengkel; dipasang Jumat.")
        yield at(15, "13:40")
        town.note(code, "dpupr", "Las selesai Kamis sore, pinjam truk bidang jalan.", public=False)

    def referred(self) -> Iterator[datetime]:
        words = "Air ledeng keruh dan berbau sejak Sabtu di Gang Melati."
        code, _ = self._came(
            "referred", "air-minum", LIRBOYO, words, "Yuni Astuti", consent=["text", "name", "contact"]
        )
        yield at(16, "11:40")
        self.town.accept(code)

    def new(self, kind: str, place: str, text: str, who: str) -> Iterator[datetime]:
        code, key = self.town.report(category=kind, place=place, text=text, reporter=person(who))
        self.town.wait(code, "offered")
        self.reports[text] = code, key
        yield at(99, "08:00")

    def late(self, kind: str, place: str, text: str, who: str, day: int) -> Iterator[datetime]:
        code, _ = self.town.report(category=kind, place=place, text=text, reporter=person(who))
        yield at(day, "13:20")
        self.town.accept(code)


NEW = [
    (17, "14:05", "drainase", BUJEL, "Selokan depan balai RW 3 tersumbat ranting, air naik ke jalan.", "Slamet Riyadi"),
    (17, "14:50", "jalan-kota", POJOK, "Marka jalan di tikungan Pojok hilang setelah pengaspalan.", "Wahyu Pratama"),
    (18, "07:40", "tata-ruang", NGRONGGO, "Bangunan baru menutup saluran air di belakang rumah kami.", "Sri Wahyuni"),
    (18, "09:05", "jembatan", LIRBOYO, "Papan jembatan gantung di Lirboyo lapuk, satu sudah jatuh.", "Imam Syafii"),
]
LATE = [
    ("tata-ruang", KEMASAN, "Papan reklame roboh menimpa pagar sekolah, belum diangkat.", "Joko Susilo", 4),
    ("penerangan-jalan", BALOWERTI, "Lampu taman kota padam seluruhnya.", "Maya Sari", 9),
    ("sampah", SEMAMPIR, "Sampah di TPS Semampir tidak diangkut sepuluh hari.", "Eko Prasetyo", 8),
    ("lalu-lintas", MOJOROTO, "Lampu lalu lintas simpang tiga Mojoroto mati.", "Nur Hidayah", 10),
    ("parkir", KEMASAN, "Parkir liar menutup trotoar Jalan Dhoho.", "Bambang Irawan", 12),
]
SETTLED = [
    ("penerangan-jalan", POJOK, "Tiang lampu miring.", "Tono Hartono", 0, 3, 4),
    ("sampah", BUJEL, "Bak sampah pasar penuh.", "Lina Marlina", 0, 2, 3),
    ("ktp", MOJOROTO, "KTP rusak, antre dua kali.", "Rudi Hartanto", 0, 4, 4),
    ("jalan-kota", BANDAR_LOR, "Jalan berlubang dekat sekolah.", "Ani Yuliani", 1, 6, 3, "perkim"),
    ("pohon", SEMAMPIR, "Pohon kering di tepi jalan.", "Doni Kusuma", 1, 3, 4),
    ("lalu-lintas", BALOWERTI, "Rambu tertutup daun.", "Fitri Handayani", 2, 4, 3, "dlhkp"),
    ("drainase", KEMASAN, "Got meluap.", "Gatot Subroto", 2, 7, 2, "perkim"),
    ("sampah", LIRBOYO, "Sampah di lahan kosong.", "Hesti Purwaningsih", 3, 2, 4),
    ("puskesmas", POJOK, "Antrean puskesmas terlalu lama.", "Indah Permata", 3, 5, 3),
    ("penerangan-jalan", BANDAR_LOR, "Lampu gang padam.", "Johan Saputra", 4, 2, 4),
    ("jalan-kota", NGRONGGO, "Trotoar retak.", "Kartika Dewi", 5, 6, None, "perkim"),
    ("kartu-keluarga", BUJEL, "Nama anak salah tulis.", "Lukman Hakim", 5, 3, 4),
    ("pasar", KEMASAN, "Atap pasar bocor.", "Mega Utami", 6, 8, 3, "perkim"),
    ("pohon", MOJOROTO, "Dahan patah.", "Nanang Kosim", 7, 2, 4),
    ("parkir", BALOWERTI, "Karcis parkir tidak diberikan.", "Oki Setiawan", 8, 3, 2),
    ("sampah", POJOK, "Truk sampah tidak lewat.", "Putri Ayu", 9, 2, 4),
    ("wifi-publik", SEMAMPIR, "Wi-Fi taman mati.", "Qori Amalia", 9, 3, 3),
    ("drainase", LIRBOYO, "Gorong-gorong tersumbat.", "Rahmat Hidayat", 10, 5, 3),
    ("jalan-kota", BUJEL, "Aspal mengelupas.", "Susi Susanti", 11, 5, None),
    ("taman", BALOWERTI, "Ayunan taman rusak.", "Taufik Rahman", 12, 4, None, "perkim"),
]
BOUNCED = [
    ("jalan-kota", POJOK, "Batas jalan dan taman ambles.", "Umar Said", 3, ("dlhkp", "perkim"), "dlhkp"),
    ("pohon", KEMASAN, "Akar pohon mengangkat trotoar.", "Vina Anggraini", 6, ("dpupr", "perkim"), "dpupr"),
    ("lalu-lintas", NGRONGGO, "Cermin tikungan pecah.", "Wawan Setiawan", 9, ("dpupr", "perkim"), "dishub"),
]


def scene(what: str, seed: int = 0) -> bytes:
    """A drawn photo: sky, houses, a road; with a hole in it, or a tree beside it."""
    picture = Image.new("RGB", (960, 720))
    draw = ImageDraw.Draw(picture)
    for row in range(720):
        draw.line([(0, row), (960, row)], fill=(196 - row // 9, 214 - row // 10, 226 - row // 14))
    for number in range(5):
        left, top = number * 210 - 40 + seed * 17, 210 + (number * 53 + seed * 31) % 70
        tone = (150 + (number * 37) % 60, 128 + (number * 23) % 50, 104 + (number * 41) % 40)
        draw.rectangle((left, top, left + 170, 430), fill=tone)
        draw.polygon([(left - 18, top), (left + 85, top - 62), (left + 188, top)], fill=(138, 70, 48))
        draw.rectangle((left + 62, 340, left + 108, 430), fill=(72, 58, 50))
    draw.rectangle((0, 428, 960, 470), fill=(122, 138, 92))
    draw.polygon([(330, 450), (630, 450), (1100, 720), (-140, 720)], fill=(92, 94, 98))
    for number in range(4):
        top, wide = 470 + number * number * 22 + number * 10, 4 + number * 4
        draw.polygon(
            [(480 - wide, top), (480 + wide, top), (482 + wide, top + 26), (478 - wide, top + 26)], fill=(228, 226, 214)
        )
    if what == "hole":
        draw.ellipse((330 + seed * 12, 560, 640 + seed * 12, 660), fill=(48, 44, 42))
        draw.ellipse((362 + seed * 12, 584, 616 + seed * 12, 652), fill=(104, 96, 84))
    if what == "tree":
        draw.rectangle((716, 250, 752, 520), fill=(84, 62, 44))
        for number in range(9 - seed * 2):
            x, y = 734 + (number * 67) % 190 - 95, 190 + (number * 43) % 130 - 40
            draw.ellipse((x - 74, y - 56, x + 74, y + 56), fill=(52 + number * 5, 98 + number * 6, 52))
    made = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(made, "JPEG", quality=82)
    return made.getvalue()
