"""What a reporter does on the page of a report: reply, object, confirm, and decide what an agency is given."""

from __future__ import annotations

from tests.integration.tickets.pages.reader import resolved, text_of


def test_a_reporter_replies_objects_and_confirms(served, reader):
    report = resolved(served)
    page = reader.opened(report.code, report.secret)
    line = text_of(page)
    for said in ("Ini taman.", "Di luar pagar.", "Sudah rata.", "Menolak", "Koordinator memutuskan", "Giliran Anda"):
        assert said in line
    replied = reader.post(reader.form(page, f"/t/{report.code}/note"), text="Masih becek.")
    assert "Pesan Anda terkirim" in replied.text
    assert "Masih becek." in replied.text
    objected = reader.post(reader.form(replied, f"/t/{report.code}/object"), words="Belum rata.")
    assert "dibuka kembali" in objected.text
    assert served.town.case(report.code).status == "held"
    assert report.post("resolve", "taman", reason="fixed").is_success
    page = reader.get(f"/t/{report.code}")
    confirmed = reader.post(reader.form(page, f"/t/{report.code}/confirm"))
    assert "Laporan ditutup" in confirmed.text
    assert served.town.case(report.code).status == "closed"


def test_who_decided_on_another_state_is_told_to_look_again(served, reader):
    report = resolved(served)
    page = reader.opened(report.code, report.secret)
    assert report.post("object", secret=True).is_success
    late = reader.post(reader.form(page, f"/t/{report.code}/confirm"))
    assert late.status_code == 409
    assert "Laporan sudah berubah" in late.text
    forged = reader.form(page, f"/t/{report.code}/confirm")
    forged.fields["version"] = str(report.version)
    assert reader.post(forged).status_code == 409
    assert served.town.case(report.code).status == "held"


def test_a_reporter_sees_what_an_agency_is_given_and_decides_on_it(served, reader):
    report = served.report(category="investasi", consent=["place"])
    report.held("jalan", refer="wasit")
    page = reader.opened(report.code, report.secret)
    assert "membutuhkan isi laporan, nama dan kontak." in text_of(page)
    assert "Instansi di luar kota" not in served.http.get(f"/t/{report.code}").text
    form = reader.form(page, f"/t/{report.code}/consent")
    assert form.fields["consent"] == "place", "what was allowed before is ticked"
    form.fields.pop("consent")
    kept = reader.post(form, consent=["text", "name"])
    assert "Izin Anda tersimpan" in kept.text
    assert "sudah diberi isi laporan dan nama." in text_of(kept)
    case = served.town.case(report.code)
    assert (case.consent, case.referrals[0].shared) == (("text", "name"), ("text", "name"))
    form = reader.form(kept, f"/t/{report.code}/consent")
    form.fields.pop("consent")
    assert "sudah diberi isi laporan dan nama." in text_of(reader.post(form)), "what was given is not taken back"
    assert served.town.case(report.code).consent == ()
    form.fields["consent"] = "everything"
    assert reader.post(form).status_code == 422


def test_a_report_that_no_agency_is_asked_about_speaks_of_none(served, reader):
    report = served.report().held("jalan")
    assert "/consent" not in reader.opened(report.code, report.secret).text
