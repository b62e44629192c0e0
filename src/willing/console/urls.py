"""The staff pages, under /staff/."""

from django.urls import path

from willing.console import desk, log, noes, papers, people, sign_ins, terminals, today

app_name = "console"
PERSON = "people/<uuid:person_id>"
CAPTURE = "enrol/<uuid:person_id>/<slug:purpose>/<uuid:capture_id>"
urlpatterns = [
    path("people/", people.people, name="people"),
    path(f"{PERSON}/", people.person, name="person"),
    path(f"{PERSON}/pay-in/", people.pay_in_money, name="pay-in"),
    path(f"{PERSON}/pin/", people.new_pin, name="pin"),
    path(f"{PERSON}/card/", people.new_card, name="card"),
    path(f"{PERSON}/cards/end/", people.end_cards, name="end-cards"),
    path(f"{PERSON}/link/<uuid:guardian_id>/", people.link, name="link"),
    path(f"{PERSON}/invite/<uuid:guardian_id>/", sign_ins.invite, name="invite"),
    path(f"{PERSON}/invite/<uuid:guardian_id>/end/", sign_ins.revoke, name="revoke"),
    path(f"{PERSON}/pupil/", sign_ins.pupil, name="pupil"),
    path(f"{PERSON}/own/<slug:purpose>/", people.own, name="own"),
    path(f"{PERSON}/face/erase/", people.erase_face, name="erase-face"),
    path(f"{PERSON}/paper/<slug:purpose>/", papers.paper, name="paper"),
    path(f"{PERSON}/form/<slug:purpose>/", papers.form, name="form"),
    path(f"{PERSON}/scan/<uuid:paper_id>/", papers.scan, name="scan"),
    path(f"{PERSON}/excuse/<uuid:guardian_id>/", people.excuse, name="excuse"),
    path("no/", noes.find, name="no"),
    path("no/<uuid:person_id>/", noes.said_no, name="said-no"),
    path("no/<uuid:person_id>/record/", noes.record, name="record-no"),
    path("no/<uuid:person_id>/undo/", noes.undo, name="undo-no"),
    path("enrol/", desk.enrol, name="enrol"),
    path("enrol/<uuid:person_id>/<slug:purpose>/start/", desk.start, name="start"),
    path("enrol/<uuid:person_id>/<slug:purpose>/", desk.enrolled, name="enrolled"),
    path(f"{CAPTURE}/", desk.capture, name="capture"),
    path(f"{CAPTURE}/frame/", desk.frame, name="frame"),
    path(f"{CAPTURE}/upload/", desk.upload, name="upload"),
    path(f"{CAPTURE}/finish/", desk.finish, name="finish"),
    path(f"{CAPTURE}/start-over/", desk.start_over, name="start-over"),
    path("today/", today.today, name="today"),
    path("today/refund/<uuid:sale_id>/", today.refund, name="refund"),
    path("terminals/", terminals.terminals, name="terminals"),
    path("terminals/<uuid:terminal_id>/pair/", terminals.pair, name="pair"),
    path("terminals/<uuid:terminal_id>/unpair/", terminals.unpair, name="unpair"),
    path("log/", log.log, name="log"),
]
