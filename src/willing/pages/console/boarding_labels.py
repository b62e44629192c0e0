"""What was out of the ordinary in an evening list, in words and with a badge's kind."""

from django.utils.translation import gettext_lazy as _

from willing.boarding.rules import Abnormal

UNUSUAL = {
    Abnormal.BLANK: (_("No mark"), "warn"),
    Abnormal.MISSING: (_("Missing"), "warn"),
    Abnormal.FOUND: (_("Was missing, accounted for later"), "info"),
    Abnormal.LATE: (_("Came late"), "info"),
    Abnormal.CORRECTED: (_("Changed after the close"), ""),
}
