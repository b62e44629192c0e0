"""What is on sale."""

from willing.people.models import School
from willing.till.models import Product


def menu(school: School) -> list[Product]:
    """Return what is on sale, in the order of the menu."""
    return list(Product.objects.filter(school=school, is_on_sale=True))


def find_product_by_barcode(school: School, barcode: str) -> Product | None:
    """Return the product on sale with this bar code, or None."""
    found = Product.objects.filter(school=school, is_on_sale=True).exclude(barcode="")
    return found.filter(barcode=barcode.strip()).first()
