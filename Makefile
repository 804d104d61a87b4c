.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
DEMO := .venv-demo
LOCK := .venv-lock
LIGHT := .venv-light
APP := .venv-app

# Building pyscard, and what the tests run: PC/SC with its virtual reader, OpenSC, Chromium, Japanese glyphs, an X server
# with a window manager and the libraries that Qt wants there.
PACKAGES := gcc python3-dev libpcsclite-dev pcscd vsmartcard-vpcd opensc chromium chromium-headless-shell xdg-utils \
	fonts-morisawa-bizud-gothic openssl systemd util-linux libglib2.0-bin desktop-file-utils nsis xvfb openbox xdotool libegl1 \
	libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-xkb1

# The hash mode of pip does not reach build requirements; these pin their versions (old and new pip).
PINNED_BUILD := PIP_CONSTRAINT=requirements/build-constraints.txt PIP_BUILD_CONSTRAINT=requirements/build-constraints.txt
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
COMPILE := $(LOCK)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate $(UPGRADE)

# Each of the tests' processes would otherwise compile every module anew, for two seconds of each run of `mykey`.
export PYTHONDONTWRITEBYTECODE :=

# Thousands of tests have a database file each; in memory none of them waits for a disk.
IN_MEMORY := $(shell [ "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 2000000 ] 2>/dev/null && echo TMPDIR=/dev/shm)

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(DEMO)/installed ## Try the portal with a demo card: no reader, no card, no compiler, no root
	$(DEMO)/bin/python -m demo

.PHONY: training
training: $(DEMO)/installed ## Practise the counter in a demo that begins anew each time and leaves nothing
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT INT TERM && $(DEMO)/bin/python -m demo --instance "$$folder"

.PHONY: setup
setup: packages $(VENV)/project ## Make .venv with every part and tool, and see to the Debian packages

.PHONY: test
ifdef T
# The rules of the platform need Python alone: no Debian package, no compiler, no browser, no server.
TESTED_BY := $(if $(filter-out tests/domain%,$(T)),$(VENV),$(LIGHT))
test: $(if $(filter $(LIGHT),$(TESTED_BY)),$(LIGHT)/installed,setup)
	$(IN_MEMORY) $(TESTED_BY)/bin/python -m pytest $(T)
else
test: lint ## Run every check: ruff, mypy, pytest; with T=tests/domain those tests alone
	$(IN_MEMORY) $(VENV)/bin/python -m pytest -n 4 --dist worksteal
endif

# In the suite a test that is there for both databases, or both languages of a browser, is asked of one; here of both.
.PHONY: test-every
test-every: setup ## Run the suite with each test on both databases and in both languages (half an hour)
	EVERY=yes $(IN_MEMORY) $(VENV)/bin/python -m pytest -n 4 --dist worksteal $(T)

.PHONY: lint
lint: setup ## Run ruff, its formatter and mypy
	$(VENV)/bin/python -m ruff check .
	$(VENV)/bin/python -m ruff format --check .
	$(VENV)/bin/python -m mypy

.PHONY: fmt
fmt: setup ## Format the code and sort its imports
	$(VENV)/bin/python -m ruff check --select I --fix .
	$(VENV)/bin/python -m ruff format .

.PHONY: soak
soak: setup ## Try as many random lives as LIVES=2000 says on each database, every SIGKILL, KILLS=500 and a cut of the power under look-ups, and made-up calls
	@command -v strace >/dev/null || { echo "strace is needed: sudo apt-get install -y strace" >&2; exit 1; }
	SOAK=$(or $(LIVES),2000) KILLS=$(or $(KILLS),500) $(VENV)/bin/python -m pytest -n 3 --dist worksteal --timeout=0 tests/portal/lives/test_life.py tests/portal/lives/test_killed.py \
		tests/portal/lives/test_killed_lookups.py tests/portal/serving/power_cut.py tests/portal/lives/test_undone_lives.py tests/portal/web/test_openapi.py

.PHONY: fuzz
fuzz: setup ## Make up as many certificates as CERTIFICATES=50000 says, and send them to every entrance in turn
	$(IN_MEMORY) FUZZ=$(or $(CERTIFICATES),50000) $(VENV)/bin/python -m pytest -n 2 --timeout=0 -rP tests/pki/test_made_up.py \
		tests/portal/web/test_made_up_certificates.py

.PHONY: lives
lives: setup ## Try as many random lives of reader and card as LIVES=100 says, with each of two seeds, every signal and the window's ends
	SOAK=$(or $(LIVES),100) $(VENV)/bin/python -m pytest -n 2 --dist worksteal tests/pcsc/test_lives.py tests/pcsc/test_signals.py \
		tests/pcsc/window/test_each_state_ends.py

.PHONY: test-proxies
test-proxies: setup build/proxies/usr/sbin/nginx ## Try the proxies of deploy/proxy, and none, with 1,000 slow connections (minutes)
	$(IN_MEMORY) $(VENV)/bin/python -m pytest --timeout=400 -rP tests/proxies/slow_connections.py tests/portal/web/behind_proxies.py

# Unpacked and not installed: installing would start them.
build/proxies/usr/sbin/nginx:
	mkdir -p build/proxies
	cd build/proxies && apt-get download caddy nginx && for each in *.deb; do dpkg -x $$each . || exit 1; done

# A pooler's and a cluster's programs, unpacked as above; PostgreSQL 15 itself is Debian's, installed.
CLUSTER := etcd-server patroni pgbouncer nginx libevent-2.1-7 libc-ares2 python3-etcd python3-dnspython python3-dateutil python3-six \
	python3-cdiff python3-prettytable python3-wcwidth python3-psycopg2 python3-psutil python3-click python3-urllib3 python3-yaml python3-pkg-resources
build/cluster/usr/bin/etcd:
	mkdir -p build/cluster
	cd build/cluster && apt-get download $(CLUSTER) && for each in *.deb; do dpkg -x $$each . || exit 1; done

.PHONY: test-pgbouncer
test-pgbouncer: setup build/cluster/usr/bin/etcd ## Run the portal's tests on PostgreSQL through PgBouncer in transaction mode (minutes)
	$(IN_MEMORY) EVERY=yes MYKEY_TEST_PGBOUNCER=$(CURDIR)/build/cluster $(VENV)/bin/python -m pytest -n 4 --dist worksteal -k postgresql $(or $(T),tests/portal)

# In a network and among processes of its own: nothing is reached from elsewhere, packets may be dropped, and all end together.
# The shell stays and reaps whoever was killed, or Patroni would take a dead postmaster for a running one.
.PHONY: cluster
cluster: setup build/cluster/usr/bin/etcd ## Start etcd, three PostgreSQL under Patroni, two portals and nginx, until Ctrl+C (as root; wants postgresql-15)
	$(IN_MEMORY) unshare --net --pid --fork --kill-child --mount-proc sh -c 'ip link set lo up && $(VENV)/bin/python -m tests.cluster.machines; exit $$?'

.PHONY: test-cluster
test-cluster: setup build/cluster/usr/bin/etcd ## Kill leaders and portals of such a cluster under load for MINUTES=10, and count what was lost (as root)
	$(IN_MEMORY) MINUTES=$(or $(MINUTES),10) unshare --net --pid --fork --kill-child --mount-proc sh -c 'ip link set lo up && $(VENV)/bin/python -m pytest --timeout=3600 -s tests/cluster/mixed_load.py; exit $$?'

# The accessibility tests look once at each state; here in each language, at each size, in both themes.
.PHONY: test-look
test-look: setup ## Look at every page with axe in each language, size and theme, and write pictures to build/looks (ten minutes; T=tests/e2e/citizen)
	rm -rf build/looks
	$(IN_MEMORY) EVERY=yes LOOK=build/looks $(VENV)/bin/python -m pytest -n 4 --dist worksteal --timeout=900 -k $(or $(ONLY),"look or axe or accessib") $(or $(T),tests/e2e)

.PHONY: contact-sheets
contact-sheets: ## Lay the public pages that test-look pictured side by side in docs/pictures/pages, a sheet a language and size
	mkdir -p docs/pictures/pages
	$(VENV)/bin/python -m tests.e2e.contact_sheets build/looks a_page_by_itself docs/pictures/pages

.PHONY: pictures
pictures: setup ## Write a picture of every page of the bridge's window to build/pictures, and what documents and help show
	$(VENV)/bin/python -m tests.bridge.window.pictures build/pictures
	$(VENV)/bin/python -m tests.bridge.window.pictures --documents
	$(VENV)/bin/python -m tests.bridge.words.states_page
	$(IN_MEMORY) $(VENV)/bin/python -m pytest tests/e2e/help_pictures.py

.PHONY: bench
bench: setup ## Measure, each figure beside its floor and what was kept before (KEEP=yes keeps it and draws docs/performance.md)
	$(VENV)/bin/python -m bench $(if $(KEEP),--keep)

.PHONY: lock
lock: $(LOCK)/installed ## Write requirements/ anew from pyproject.toml (UPGRADE=--upgrade takes newer versions)
	$(COMPILE) pyproject.toml --generate-hashes -o requirements/demo.txt
	$(COMPILE) pyproject.toml --extra postgresql --generate-hashes -o requirements/postgresql.txt
	$(COMPILE) pyproject.toml reader_bridge/pyproject.toml --all-extras --group dev --generate-hashes -o requirements/all.txt
	$(COMPILE) pyproject.toml --group test --constraints requirements/all.txt --generate-hashes -o requirements/test.txt
	$(COMPILE) reader_bridge/pyproject.toml --extra window --group app --constraints requirements/all.txt --generate-hashes -o requirements/app.txt
	$(COMPILE) --group lock --generate-hashes -o requirements/lock.txt
	$(MAKE) $(PLATFORMS:%=requirements/%.txt)
	$(COMPILE) --group build -o requirements/build-constraints.txt

# What is packed is the same on each day: the commit's.
DATED := SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) PYTHONHASHSEED=0 PYTHONPATH=.
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)".*/\1/p' reader_bridge/__init__.py)

.PHONY: deb
deb: setup ## Build the bridge's Debian package for the system's Python into dist/
	rm -rf build/wheel build/reader_bridge
	$(DATED) $(VENV)/bin/python $(PIP_INSTALL:install=wheel) --no-deps --no-build-isolation --wheel-dir build/wheel ./reader_bridge
	$(DATED) $(VENV)/bin/python deploy/bridge/deb.py wheel build/wheel/*.whl

.PHONY: bridge-app
bridge-app: setup $(APP)/installed ## Freeze the bridge with its window into dist/: a tar.xz and a Debian package
	rm -rf build/app
	$(DATED) $(APP)/bin/pyinstaller --noconfirm --log-level WARN --distpath build/app --workpath build/app-work deploy/bridge/bridge.spec
	cd build/app/mykey-bridge/_internal && strip --strip-unneeded libpython3* python3*/lib-dynload/*.so smartcard/scard/*.so cryptography/hazmat/bindings/*.so
	$(DATED) $(VENV)/bin/python deploy/bridge/deb.py folder build/app/mykey-bridge
	mkdir -p dist && tar --create --xz --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
		--mtime=@$$(git log -1 --format=%ct) --file=dist/mykey-bridge-$(VERSION)-linux-x86_64.tar.xz --directory=build/app mykey-bridge

.PHONY: portal-deb
portal-deb: setup ## Build the portal's Debian package for the Python that builds it (Debian 12 has 3.11) into dist/
	rm -rf build/portal build/portal-wheel
	$(DATED) $(VENV)/bin/python $(PIP_INSTALL:install=wheel) --no-deps --no-build-isolation --wheel-dir build/portal-wheel .
	$(VENV)/bin/python $(PIP_INSTALL) --target build/portal --no-deps --no-compile --require-hashes --only-binary :all: -r requirements/postgresql.txt
	$(VENV)/bin/python -m zipfile --extract build/portal-wheel/*.whl build/portal
	$(DATED) $(VENV)/bin/python deploy/portal/deb.py build/portal

# Clean Debian roots: one for the system's Python, one with nothing but libc, X and pcscd, one with a whole desktop; a
# server that boots, and what an image can be built upon.
ROOTS := python bare desktop
READER := pcscd,vsmartcard-vpcd,desktop-file-utils
IN_ROOT_python := $(READER),python3-click,python3-cryptography,python3-pyscard,xdg-utils,libglib2.0-bin
IN_ROOT_bare := $(READER),libegl1,libgl1,libxcb1
IN_ROOT_desktop := $(IN_ROOT_bare),xdg-utils,libglib2.0-bin,openbox,chromium,fonts-morisawa-bizud-gothic
IN_ROOT_server := systemd-sysv,dbus,python3,ca-certificates,curl,openssl,caddy,nginx-light
IN_ROOT_image := python3-venv,ca-certificates

.PHONY: test-roots
test-roots: setup $(ROOTS:%=build/roots/%.tar) ## Try the packages in clean Debian roots (as root, minutes; after deb and bridge-app)
	$(IN_MEMORY) unshare --net $(VENV)/bin/python -m pytest --timeout=300 -rP $(or $(T),tests/roots/packages.py tests/roots/journey.py)

.PHONY: test-deploy
test-deploy: setup build/roots/server.tar build/roots/image.tar ## Try what deploy/ has: units, proxies, package, image, the upgrade from before (as root, minutes; after portal-deb)
	$(IN_MEMORY) $(VENV)/bin/python -m pytest --timeout=900 -rP $(or $(T),$(addprefix tests/deploy/,on_a_server.py first_tap.py in_a_container.py from_before.py test_compose.py))

build/roots/%.tar:
	@command -v mmdebstrap >/dev/null || { echo "mmdebstrap is needed: sudo apt-get install -y mmdebstrap" >&2; exit 1; }
	mkdir -p build/roots
	mmdebstrap --variant=minbase --include=$(IN_ROOT_$*) --customize-hook='chroot "$$1" useradd --create-home --home-dir /srv/citizen citizen' bookworm $@

# Business systems that judge the hand-off, as their own registries have them; both want node.
.PHONY: test-systems
test-systems: setup build/systems/installed ## Try the hand-off with Tryton, Node-RED and a browser that stops pop-ups (fetched into build/, minutes)
	$(IN_MEMORY) $(VENV)/bin/python -m pytest --timeout=300 $(or $(T),$(addprefix tests/e2e/systems/,tryton.py node_red.py popups.py))

build/systems/installed: tests/e2e/systems/requirements.txt tests/e2e/systems/package.json
	@command -v npm >/dev/null || { echo "node and npm are needed: sudo apt-get install -y nodejs npm" >&2; exit 1; }
	rm -rf build/systems
	mkdir -p build/systems
	$(PYTHON) -m venv build/systems/tryton
	build/systems/tryton/bin/python $(PIP_INSTALL) --no-deps --only-binary :all: -r tests/e2e/systems/requirements.txt
	cp tests/e2e/systems/package.json build/systems
	cd build/systems && npm install --ignore-scripts --no-audit --no-fund --no-package-lock --legacy-peer-deps --loglevel=error
	ln -s .. build/systems/node_modules/tryton-sao/node_modules
	@touch $@

# Where the bridge is frozen for other systems: nothing is compiled there, and what app.txt names is taken where it has a wheel.
PLATFORMS := windows-x64 windows-arm64 macos-arm64 macos-x86_64
TARGET_windows-x64 := x86_64-pc-windows-msvc
TARGET_windows-arm64 := aarch64-pc-windows-msvc
TARGET_macos-arm64 := aarch64-apple-darwin
TARGET_macos-x86_64 := x86_64-apple-darwin

$(PLATFORMS:%=requirements/%.txt): requirements/%.txt: requirements/app.txt reader_bridge/pyproject.toml | $(LOCK)/installed
	cp requirements/app.txt $@
	MACOSX_DEPLOYMENT_TARGET=14.0 $(LOCK)/bin/uv pip compile --quiet --no-header --no-annotate --generate-hashes --only-binary :all: \
		--python-version 3.12 --python-platform $(TARGET_$*) reader_bridge/pyproject.toml --extra window --group app -o $@

TAGS_windows-x64 := win_amd64
TAGS_windows-arm64 := win_arm64
TAGS_macos-arm64 := macosx_14_0_arm64 macosx_11_0_arm64 macosx_14_0_universal2 macosx_13_0_universal2 macosx_10_13_universal2 macosx_10_9_universal2
TAGS_macos-x86_64 := macosx_14_0_x86_64 macosx_11_0_x86_64 macosx_10_13_x86_64 macosx_10_12_x86_64 macosx_10_9_x86_64 \
	macosx_14_0_universal2 macosx_13_0_universal2 macosx_10_13_universal2 macosx_10_9_universal2

.PHONY: wheels
wheels: $(PLATFORMS:%=build/wheels/%) ## Fetch what the bridge needs on Windows and macOS: a wheel of each, with its hash (half a gigabyte)

build/wheels/%: requirements/%.txt | $(VENV)/installed
	$(VENV)/bin/python $(PIP_INSTALL:install=download) --no-deps --require-hashes --only-binary :all: --python-version 3.12 \
		$(foreach tag,$(TAGS_$*),--platform $(tag)) --dest $@ -r $<

.PHONY: words
words: setup ## Gather the portal's Japanese for its other languages, and compile what has been translated
	mkdir -p build
	$(VENV)/bin/pybabel -q extract -F portal/translations/babel.cfg -k lazy_gettext -k _l --no-location -o build/messages.pot portal
	for locale in en ja@easy; do $(VENV)/bin/pybabel -q update -i build/messages.pot -d portal/translations -l $$locale \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120 || exit 1; done
	$(VENV)/bin/pybabel -q compile -d portal/translations

.PHONY: clean
clean: ## Remove what make and the tools made; instance/ stays
	rm -rf $(VENV) $(DEMO) $(LOCK) $(LIGHT) $(APP) build dist *.egg-info reader_bridge/build reader_bridge/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: packages
packages:
	@command -v dpkg-query >/dev/null || { echo "Not Debian: please see to the counterparts of $(PACKAGES)" >&2; exit 0; }; \
	missing=; \
	for name in $(PACKAGES); do \
		dpkg-query -W -f '$${Status}' "$$name" 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$name"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ]; then \
		apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $$missing; \
	else \
		echo "Packages are missing. Install them, then run make again:" >&2; \
		echo "sudo apt-get install -y --no-install-recommends$$missing" >&2; \
		exit 1; \
	fi

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it with make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python cannot make a venv: sudo apt-get install -y python3-venv" >&2; exit 1; }

$(DEMO)/installed: requirements/demo.txt | python
	$(PYTHON) -m venv --clear $(DEMO)
	$(DEMO)/bin/python $(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/demo.txt
	@touch $@

$(VENV)/installed: requirements/all.txt requirements/build-constraints.txt | python packages
	$(PYTHON) -m venv --clear $(VENV)
	$(PINNED_BUILD) $(VENV)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/all.txt
	@touch $@

$(VENV)/project: $(VENV)/installed pyproject.toml reader_bridge/pyproject.toml
	$(VENV)/bin/python $(PIP_INSTALL) -r requirements/build-constraints.txt
	$(VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	$(VENV)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable ./reader_bridge
	@touch $@

$(LIGHT)/installed: requirements/test.txt | python
	$(PYTHON) -m venv --clear $(LIGHT)
	$(LIGHT)/bin/python $(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/test.txt
	@touch $@

$(APP)/installed: requirements/app.txt requirements/build-constraints.txt | python packages
	$(PYTHON) -m venv --clear $(APP)
	$(PINNED_BUILD) $(APP)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/app.txt
	@touch $@

$(LOCK)/installed: requirements/lock.txt | python
	$(PYTHON) -m venv --clear $(LOCK)
	$(LOCK)/bin/python $(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/lock.txt
	@touch $@
