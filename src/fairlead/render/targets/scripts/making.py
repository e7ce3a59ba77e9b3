"""The Makefile: a target for each script, with its options as variables."""

from __future__ import annotations

MAKEFILE = """\
# ENV=production VERSION=1.2.3 SERVICE=api NAMESPACE=mine ON=machine DRY_RUN=1 ARGS='whatever the script takes'

SHELL := /bin/bash
.DEFAULT_GOAL := help

environment = $(if $(ENV),--environment $(ENV))
dry = $(if $(DRY_RUN),--dry-run)
service = $(if $(SERVICE),--service $(SERVICE))
tag = $(if $(VERSION),--tag $(VERSION))
where = $(if $(NAMESPACE),--namespace $(NAMESPACE)) $(if $(ON),--on $(ON))
common = $(environment) $(dry) $(ARGS)

.PHONY: help build images push release test integration api e2e load test-all lint publish deploy deploy-dry-run \\
\tstatus rollback backup backups restore migrate migrate-down health-check

help: ## Tell the targets
\t@sed -nE 's/^([a-z0-9-]+):.*## (.*)/\\1\\t\\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

build: ## Build the project
\tscripts/build $(tag) $(common)

images: ## Build the images of services
\tscripts/build --images $(tag) $(service) $(common)

push: ## Build and push the images of services
\tscripts/build --push $(tag) $(service) $(common)

release: ## Build for every platform, with checksums and notes
\tscripts/build --release $(tag) $(common)

test: ## Run the unit tests
\tscripts/test test $(common)

integration: ## Run the integration tests
\tscripts/test integration $(common)

api: ## Run the tests of the API
\tscripts/test api $(common)

e2e: ## Run the end-to-end tests
\tscripts/test e2e $(common)

load: ## Run the load tests
\tscripts/test load $(common)

test-all: ## Run every stage that there is
\tscripts/test all $(common)

lint: ## Check the stack file, format, style and types
\tscripts/lint $(common)

publish: ## Publish VERSION; what is published already is left alone
\tscripts/publish $(tag) $(common)

deploy: ## Release VERSION in ENV
\tscripts/deploy $(tag) $(service) $(where) $(common)

deploy-dry-run: ## Tell what a deployment would do
\tscripts/deploy --dry-run $(tag) $(service) $(where) $(environment) $(ARGS)

status: ## Tell how the roll-out goes
\tscripts/deploy --status $(service) $(where) $(common)

rollback: ## Go back to the version before, and verify
\tscripts/rollback $(if $(TO),--to $(TO)) $(service) $(where) $(common)

backup: ## Save stores, data and configuration
\tscripts/backup $(if $(ONLY),--only $(ONLY)) $(common)

backups: ## Tell what is saved
\tscripts/backup --list $(common)

restore: ## Restore POINT (latest, or 20241118_030000)
\tscripts/restore $(or $(POINT),latest) $(if $(ONLY),--only $(ONLY)) $(common)

migrate: ## Change stored data as this version needs it
\tscripts/migrate up $(service) $(common)

migrate-down: ## Take the change of stored data back
\tscripts/migrate down $(service) $(common)

health-check: ## Ask services and stores how they do
\tscripts/health-check $(if $(HOST),--host $(HOST)) $(common)
"""
