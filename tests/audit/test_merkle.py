"""The tree against RFC 6962: its definitions written again, and the reference implementation's numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.audit.logs import read_from, unhurried

from willing.audit.verify.merkle import (
    EMPTY_ROOT,
    CompactRange,
    compact_range,
    hash_leaf,
    hash_node,
    is_consistent,
    is_included,
    prove_consistency,
    prove_inclusion,
)

# The leaves and tree heads of the reference implementation of Certificate Transparency (merkle_tree_test).
DATA = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
LEAVES = [hash_leaf(bytes.fromhex(one)) for one in DATA]
MANY = [hash_leaf(bytes([number % 256, number // 256])) for number in range(300)]


def grow(leaves):
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree


def split(width):
    power = 1
    while power * 2 < width:
        power *= 2
    return power


def mth(leaves):
    """RFC 6962, 2.1: MTH(D[n])."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hash_node(mth(leaves[:k]), mth(leaves[k:]))


def path(m, leaves):
    """RFC 6962, 2.1.1: PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m, leaves, is_known):
    """RFC 6962, 2.1.2: SUBPROOF(m, D[n], b)."""
    if m == len(leaves):
        return [] if is_known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], is_known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def test_the_tree_heads_are_those_of_the_reference_implementation():
    assert [grow(LEAVES[:size]).root().hex() for size in range(9)] == ROOTS


@pytest.mark.parametrize(("place", "proof"), INCLUSION.items())
def test_the_inclusion_proofs_are_those_of_the_reference_implementation(place, proof):
    index, size = place
    assert [one.hex() for one in prove_inclusion(index, size, read_from(LEAVES))] == proof


def test_a_leaf_never_passes_as_a_node():
    assert hash_leaf(LEAVES[0] + LEAVES[1]) != hash_node(LEAVES[0], LEAVES[1])


def test_every_proof_of_every_small_tree_is_the_one_of_the_definition_and_verifies():
    for size in range(1, 35):
        tree, root = MANY[:size], mth(MANY[:size])
        assert grow(tree).root() == root
        assert compact_range(size, read_from(tree)).root() == root
        for index in range(size):
            proof = prove_inclusion(index, size, read_from(tree))
            assert proof == path(index, tree)
            assert is_included(tree[index], index, size, proof, root)
        for old in range(1, size + 1):
            proof = prove_consistency(old, size, read_from(tree))
            assert proof == subproof(old, tree, True)
            assert is_consistent(old, mth(tree[:old]), size, root, proof)


def test_an_append_tells_the_subtrees_that_it_completes():
    tree = CompactRange()
    told = [node for leaf in MANY for node in tree.append(leaf)]
    read = read_from(MANY)
    assert len({(node.level, node.index) for node in told}) == len(told) == 300 - (300).bit_count()
    assert all(read(node.level, node.index) == node.hash for node in told)


@unhurried
@given(st.integers(0, 300))
def test_the_right_edge_survives_being_stored(size):
    tree = grow(MANY[:size])
    again = CompactRange.from_bytes(size, tree.to_bytes())
    assert (again.size, again.root()) == (size, tree.root())


@pytest.mark.parametrize(
    ("size", "packed"), [(1, b""), (0, bytes(32)), (3, bytes(32)), (1, bytes(31)), (1, bytes(33)), (-1, b"")]
)
def test_a_right_edge_of_another_size_is_refused(size, packed):
    with pytest.raises(ValueError, match="peaks"):
        CompactRange.from_bytes(size, packed)


trees = st.integers(1, 300).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


@unhurried
@given(trees, st.data())
def test_a_proof_of_inclusion_with_anything_changed_is_refused(tree, data):
    size, index = tree
    root = grow(MANY[:size]).root()
    proof = prove_inclusion(index, size, read_from(MANY))
    assert is_included(MANY[index], index, size, proof, root)
    flipped = flip(data, [MANY[index], root, *proof])
    assert not is_included(flipped[0], index, size, flipped[2:], flipped[1])
    other = data.draw(
        st.integers(0, size - 1).filter(lambda one: one != index) if size > 1 else st.just(size)
    )
    assert not is_included(MANY[index], other, size, proof, root)
    assert not is_included(MANY[index], index, size, [*proof, bytes(32)], root)
    assert not proof or not is_included(MANY[index], index, size, proof[:-1], root)


@unhurried
@given(trees, st.data())
def test_a_proof_of_consistency_with_anything_changed_is_refused(tree, data):
    size, old = tree[0], tree[1] + 1
    old_root, root = grow(MANY[:old]).root(), grow(MANY[:size]).root()
    proof = prove_consistency(old, size, read_from(MANY))
    assert is_consistent(old, old_root, size, root, proof)
    flipped = flip(data, [old_root, root, *proof])
    assert not is_consistent(old, flipped[0], size, flipped[1], flipped[2:])
    assert not is_consistent(old, old_root, size, root, [*proof, bytes(32)])
    assert not proof or not is_consistent(old, old_root, size, root, proof[:-1])
    assert old == size or not is_consistent(size, root, old, old_root, proof)


def flip(data, values):
    """Return `values` with one bit of one of them changed."""
    which = data.draw(st.integers(0, len(values) - 1))
    changed = bytearray(values[which])
    changed[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
    return [*values[:which], bytes(changed), *values[which + 1 :]]


def test_nothing_is_proved_about_an_empty_tree_or_from_hashes_of_another_length():
    assert not is_consistent(0, EMPTY_ROOT, 1, MANY[0], [])
    assert not is_consistent(1, MANY[0], 2, bytes(32), [])
    assert not is_consistent(2, mth(MANY[:2]), 3, mth(MANY[:3]), [MANY[2][:31]])
    assert not is_included(MANY[0], 0, 2, [MANY[1] + b"x"], mth(MANY[:2]))
    assert not is_included(MANY[0], -1, 2, [MANY[1]], mth(MANY[:2]))
    assert not is_included(MANY[0], 2, 2, [MANY[1]], mth(MANY[:2]))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        prove_inclusion(index, size, read_from(MANY))


@pytest.mark.parametrize(("old", "size"), [(0, 3), (4, 3), (-1, 2)])
def test_there_is_no_proof_back_or_from_nothing(old, size):
    with pytest.raises(ValueError, match="no proof"):
        prove_consistency(old, size, read_from(MANY))
