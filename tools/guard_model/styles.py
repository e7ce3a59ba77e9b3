"""Ways in which code, settings, manifests, logs and people write a name and its value down.

`{n}` is the name, `{v}` the value. Each style names the case that names have in it; `quoted` values may hold spaces.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """One way, of one family."""

    family: str
    text: str
    cases: tuple[str, ...]

    @property
    def quoted(self) -> bool:
        """Whether the value stands in quotation marks."""
        at = self.text.index("{v}")
        return self.text[at - 1 : at] in "\"'`" and at > 0

    @property
    def code(self) -> bool:
        """Whether an expression may stand there."""
        return not self.quoted and self.family in {
            "python",
            "javascript",
            "go",
            "java",
            "ruby",
            "rust",
            "php",
            "csharp",
        }


_S, _U, _C, _K, _P, _D = ("snake",), ("screaming",), ("camel",), ("kebab",), ("pascal",), ("dotted",)
_ALL: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "python": (
        ('{n} = "{v}"', _S),
        ("{n} = '{v}'", _S),
        ('{n} = "{v}"', _U),
        ('    {n}="{v}",', _S),
        ('self.{n} = "{v}"', _S),
        ('config["{n}"] = "{v}"', _S),
        ("'{n}': '{v}',", _S),
        ('{n}: str = "{v}"', _S),
        ("    {n}={v},", _S),
        ("{n} = {v}", _S),
        ('os.environ["{n}"] = "{v}"', _U),
        ('def connect(host, {n}="{v}"):', _S),
        ('client.login("joe", {n}="{v}")', _S),
        ('parser.add_argument("--{n}", default="{v}")', _K),
        ('{n} = os.getenv("X", "{v}")', _U),
        ('assert {n} == "{v}"', _S),
        ("app.config['{n}'] = '{v}'", _U),
        ('{n} = b"{v}"', _U),
        ('if {n} == "{v}":', _S),
        ('"{n}": "{v}",', _U),
    ),
    "javascript": (
        ('const {n} = "{v}";', _C),
        ("let {n} = '{v}'", _C),
        ("  {n}: '{v}',", _C),
        ('  {n}: "{v}",', _S),
        ("{n}: {v},", _C),
        ("process.env.{n} = '{v}';", _U),
        ("this.{n} = {v};", _C),
        ("const {n} = `{v}`;", _C),
        ('"{n}": "{v}"', _C),
        ("{n}={v}", _C),
        ('export const {n}: string = "{v}";', _U),
        ("if (req.body.{n} === '{v}') {{", _C),
        ('headers: {{ "{n}": "{v}" }}', _K),
        ('<Input {n}="{v}" />', _C),
        ("var {n}='{v}',", _C),
        ('set{n}("{v}")', _P),
    ),
    "go": (
        ('{n} := "{v}"', _C),
        ('const {n} = "{v}"', _C),
        ('\t{n}: "{v}",', _P),
        ("{n} := {v}", _C),
        ('var {n} string = "{v}"', _C),
        ('os.Setenv("{n}", "{v}")', _U),
        ('{n} = flag.String("x", "{v}", "")', _C),
        ("\t{n}: `{v}`,", _P),
    ),
    "java": (
        ('private static final String {n} = "{v}";', _U),
        ('String {n} = "{v}";', _C),
        ('props.setProperty("{n}", "{v}");', _D),
        ('@Value("${{{n}:{v}}}")', _D),
        ('.{n}("{v}")', _C),
        ("this.{n} = {v};", _C),
        ('set{n}("{v}");', _P),
        ('val {n} = "{v}"', _C),
        ('map.put("{n}", "{v}");', _S),
        ('public const string {n} = "{v}";', _P),
    ),
    "csharp": (
        ('var {n} = "{v}";', _C),
        ('{n} = "{v}",', _P),
        ('string {n} = @"{v}";', _C),
        ('"{n}": "{v}",', _P),
        ('config["{n}"] = "{v}";', _P),
        ("Server=db;Database=x;User Id=sa;{n}={v};", _P),
        ('<add key="{n}" value="{v}" />', _P),
    ),
    "ruby": (
        ("{n} = '{v}'", _S),
        (":{n} => '{v}',", _S),
        ('{n}: "{v}",', _S),
        ("ENV['{n}'] ||= '{v}'", _U),
        ("config.{n} = '{v}'", _S),
        ("  {n}: {v}", _S),
        ("@{n} = {v}", _S),
        ("set :{n}, '{v}'", _S),
    ),
    "rust": (
        ('let {n} = "{v}";', _S),
        ('const {n}: &str = "{v}";', _U),
        ('{n}: "{v}".to_string(),', _S),
        ('.env("{n}", "{v}")', _U),
    ),
    "php": (
        ("${n} = '{v}';", _S),
        ("define('{n}', '{v}');", _U),
        ("'{n}' => '{v}',", _S),
        ("$config['{n}'] = \"{v}\";", _S),
        ("public ${n} = '{v}';", _C),
    ),
    "yaml": (
        ("{n}: {v}", _S),
        ("  {n}: {v}", _C),
        ('  {n}: "{v}"', _S),
        ("    {n}: '{v}'", _K),
        ("- {n}: {v}", _S),
        ("      {n}: {v}", _U),
        ('  - {n}="{v}"', _U),
        ("      - {n}={v}", _U),
        ("{n}: {v}  # for the nightly job", _S),
        ("{n} : {v}", _S),
    ),
    "manifest": (
        ("env:\n  - name: {n}\n    value: {v}", _U),
        ('        - name: {n}\n          value: "{v}"', _U),
        ("  - name: {n}\n    value: '{v}'", _K),
        ("apiVersion: v1\nkind: Secret\nstringData:\n  {n}: {v}", _K),
        ("- Key: {n}\n  Value: {v}", _U),
    ),
    "env": (
        ("{n}={v}", _U),
        ('{n}="{v}"', _U),
        ("{n}='{v}'", _U),
        ("export {n}={v}", _U),
        ('export {n}="{v}"', _U),
        ("# {n}={v}", _U),
        ("{n}={v}", _S),
    ),
    "ini": (
        ("{n} = {v}", _S),
        ("{n}={v}", _S),
        ("{n}={v}", _D),
        ("{n} = {v}", _D),
        ("{n}: {v}", _D),
        ('{n} = "{v}"', _S),
        ("{n}={v}", _C),
        ("{n}   {v}", _S),
    ),
    "json": (
        ('  "{n}": "{v}",', _S),
        ('{{"{n}":"{v}"}}', _C),
        ('    "{n}" : "{v}"', _C),
        ('"{n}": "{v}"', _U),
        ('{{"name": "{n}", "value": "{v}"}}', _U),
        ('{{\n  "name": "{n}",\n  "value": "{v}"\n}}', _U),
        ('"body": "{{\\"{n}\\": \\"{v}\\"}}"', _S),
        ('{{"key": "{n}", "value": "{v}"}}', _S),
    ),
    "toml": (('{n} = "{v}"', _S), ("{n} = '{v}'", _S), ('{n} = "{v}"', _K)),
    "terraform": (
        ('  {n} = "{v}"', _S),
        ('variable "{n}" {{\n  default = "{v}"', _S),
        ('    {n} = "{v}"', _U),
        ("  {n} = {v}", _S),
        ('  {n}   = "{v}"', _S),
    ),
    "xml": (
        ("<{n}>{v}</{n}>", _C),
        ('<property name="{n}" value="{v}"/>', _D),
        ('<param name="{n}">{v}</param>', _S),
        ('<user name="x" {n}="{v}"/>', _C),
        ('<entry key="{n}">{v}</entry>', _D),
        ('<property name="{n}"\n          value="{v}"/>', _D),
        ('<string name="{n}">{v}</string>', _S),
    ),
    "shell": (
        ("{n}={v}", _U),
        ('curl -H "{n}: {v}" https://api.internal', _K),
        ("mysql -u root --{n}={v}", _K),
        ("./run --{n} {v} --host x", _K),
        ("export {n}={v} && ./start.sh", _U),
        ('{n}="{v}"', _S),
        ("docker run -e {n}={v} app", _U),
        ("helm install x --set {n}={v}", _D),
        ("set {n}={v}", _U),
        ('echo "{n}={v}" >> .env', _U),
        ("redis-cli --{n} {v}", _K),
        ("${{{n}:-{v}}}", _U),
    ),
    "dockerfile": (("ENV {n} {v}", _U), ("ENV {n}={v}", _U), ("ARG {n}={v}", _U), ('ENV {n}="{v}"', _U)),
    "sql": (
        ("CREATE USER app WITH {n} '{v}';", _S),
        ("ALTER USER joe IDENTIFIED BY '{v}';", _S),
        ("SET {n} = '{v}';", _S),
        ("UPDATE users SET {n}='{v}' WHERE id=1;", _S),
        ("INSERT INTO s (name, value) VALUES ('{n}', '{v}');", _S),
    ),
    "log": (
        ("2024-05-11 10:22:31 DEBUG login user=joe {n}={v}", _S),
        ("[info] connecting with {n}: {v}", _S),
        ("ERROR auth failed: {n}={v}, retry", _S),
        ("POST /login?user=x&{n}={v}", _S),
        ("GET /v1/x?{n}={v}&limit=3", _S),
        ('level=debug msg=start {n}="{v}"', _S),
    ),
    "prose": (
        ("the {n} is {v}", ("spaced",)),
        ("The {n} for the staging box is {v}", ("spaced",)),
        ("my {n} is {v} and it does not work", ("spaced",)),
        ("{n}: {v}", ("spaced",)),
        ("use {v} as the {n}", ("spaced",)),
        ("login with user joe and {n} {v}", ("spaced",)),
        ("- {n}: `{v}`", ("spaced",)),
        ('{n} is "{v}"', ("spaced",)),
        ("Hi, {n} = {v}, thanks", ("spaced",)),
        ("set the {n} to {v}", ("spaced",)),
        ("I changed the {n} to '{v}' yesterday", ("spaced",)),
        ("das {n} ist {v}", ("spaced",)),
        ("le {n} est {v}", ("spaced",)),
        ("la {n} es {v}", ("spaced",)),
        ("user: admin / {n}: {v}", ("spaced",)),
        ("new {n} will be {v}", ("spaced",)),
        ("{n} -> {v}", ("spaced",)),
        ("({n} {v})", ("spaced",)),
        ("**{n}**: {v}", ("spaced",)),
        ("| {n} | {v} |", ("spaced",)),
        ("{n} was {v}", ("spaced",)),
    ),
}
STYLES = tuple(Style(family, text, cases) for family, styles in _ALL.items() for text, cases in styles)
FAMILIES = tuple(_ALL)
