"""A guardian corrects how the school reaches them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from willing.accounts.access import allow_guardians
from willing.pages.ui.contact_form import ContactForm
from willing.people.guardians import GuardianDetails, edit_guardian
from willing.people.models import Guardian


@never_cache
@require_http_methods(["GET", "POST"])
@allow_guardians
def contact(request: HttpRequest, guardian: Guardian) -> HttpResponse:
    """Show a guardian's address, telephone number and language, and take better ones."""
    known = {"email": guardian.email, "phone": guardian.phone, "language": guardian.language}
    form = ContactForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        said = form.cleaned_data
        details = GuardianDetails(guardian.name, said["email"], said["phone"], said["language"])
        edit_guardian(guardian.id, details, by=request.user.pk)
        messages.success(request, _("Your contact details are saved."))
        return redirect("portal:family")
    context = {"guardian": guardian, "school": guardian.school, "form": form}
    return render(request, "portal/contact.html", context, status=422 if form.is_bound else 200)
