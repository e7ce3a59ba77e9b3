"""The same stack in other words: Dockerfiles, Compose, Kubernetes, Helm, systemd, Terraform, pipelines, monitoring.

A target is one file in `targets/`: a pure generator of files from a `Scene`. `parts` are what several targets say alike
(names, probes, objectives as rules). `writing` and `checking` alone touch the disk and run tools. Nothing is dropped in
silence: what a target can't say it names (`Unsupported`), and a test changes every key of the stack to see that.
"""
