"""The contents of `fairlead --help`: every command with its one sentence, so that help imports none of them."""

from __future__ import annotations

SECTIONS: dict[str, dict[str, str]] = {
    "The stack": {
        "up": "Bring the stack up, or apply what changed in its file.",
        "down": "Stop services, or the whole stack.",
        "restart": "Restart services, one instance after the other.",
        "scale": "Set how many instances a service has.",
    },
    "Releasing": {
        "plan": "Show what `up` or `deploy` would change.",
        "deploy": "Release a new version of a service.",
        "promote": "Give a version under judgement all requests now.",
        "abort": "Take the release under way back.",
        "pause": "Hold a release under judgement at its share.",
        "resume": "Let a paused release go on.",
        "rollback": "Go back to an earlier version of a service.",
        "history": "Tell who released what, when, and how it ended.",
        "judge": "Judge a release again from what was seen of it.",
    },
    "Looking": {
        "status": "Show how every service is doing.",
        "logs": "Show what services write.",
        "exec": "Run a command in the surroundings of a service.",
        "doctor": "Tell what is missing on this machine, and how to get it.",
    },
    "Files": {
        "init": "Write a stack file for what is in this folder.",
        "render": "Write the stack as files of other tools: Compose, Kubernetes, Terraform, and more.",
        "check": "Check the stack file and all of its environments.",
        "docs": "Explain a key of the stack file.",
        "schema": "Print the JSON Schema of the stack file.",
        "secrets": "Keep secrets in an encrypted file.",
    },
    "Apps": {
        "hub": "Serve one API in front of every LLM provider.",
        "guard": "Tell whether something is a secret, of what kind, and how bad that is.",
    },
    "Fairlead itself": {
        "daemon": "Start, stop and look at the daemon.",
        "completion": "Print the completion script of a shell.",
        "version": "Print the version.",
    },
}
