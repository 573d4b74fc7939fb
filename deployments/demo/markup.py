"""XML written as nested calls: `node("cbc:ID", "RE-1")`. What is None is left out."""

from lxml import etree

NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "inv": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "cn": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    "camt": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08",
}

Node = etree._Element
Content = Node | str | None


def node(name: str, *content: Content, **attributes: str) -> Node:
    """An element `prefix:Name` with its children and text, in the order given."""
    prefix, local = name.split(":")
    made = etree.Element(f"{{{NAMESPACES[prefix]}}}{local}", attributes)
    for part in content:
        if isinstance(part, str):
            made.text = part
        elif part is not None:
            made.append(part)
    return made


def document(root: Node, *prefixes: str, default: str = "") -> bytes:
    """The file, with its namespaces at the top; names of the prefix `default` are written without one."""
    written: dict[str | None, str] = {prefix: NAMESPACES[prefix] for prefix in prefixes}
    if default:
        written[None] = NAMESPACES[default]
    top = etree.Element(root.tag, nsmap=written)  # type: ignore[arg-type]  # the stubs know no nameless prefix
    top.extend(list(root))
    etree.cleanup_namespaces(top)
    return etree.tostring(top, xml_declaration=True, encoding="UTF-8", pretty_print=True)
