"""What `fairlead doctor` looks at: each module one part of the machine, each check a finding with a way to mend it."""
