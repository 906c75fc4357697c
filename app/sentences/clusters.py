"""Clusters of people by where their lesions are, in one sentence: how many and how stable, or that there are none."""

from analysis.region_clusters import REPRESENTATIONS, Clustering


def clusters_sentence(found: Clustering) -> str:
    """Say what was found.

    Examples
    --------
    >>> import polars as pl
    >>> nobody = pl.DataFrame(schema={"cluster": pl.String})
    >>> clusters_sentence(Clustering(nobody, pl.DataFrame(), None, "12 people are too few", "load", 0, (0.0, 0.0)))
    'No stable clusters: 12 people are too few.'
    """
    if found.k is None:
        return f"No stable clusters: {found.reason}."
    row = found.by_k.row(found.k - 2, named=True)
    sizes = found.people.drop_nulls("cluster")["cluster"].value_counts().sort("cluster")
    told = ", ".join(f"{name} {n:,}" for name, n in sizes.iter_rows())
    return (
        f"{found.people.height:,} people with lesions fall into {found.k} clusters by the "
        f"{REPRESENTATIONS[found.representation]} ({told}): drawn again, they come back with an adjusted Rand index of "
        f"{row['stability']:.2f} (1 is the same clusters), and they are further apart than people of one population."
    )


def left_out(found: Clustering) -> str:
    """Say who is in no cluster because nothing of them lies in a region; empty where nobody is."""
    if not found.n_without:
        return ""
    has, is_in = ("person has", "is") if found.n_without == 1 else ("people have", "are")
    return f"{found.n_without:,} {has} no lesion in any region and {is_in} in no cluster."
