"""The stack as objects of a cluster: data only, the same for plain manifests and for a chart.

Each module makes one kind of thing for the whole stack: `of(cluster)` yields objects, and sees a `cluster.Cluster`.
"""
