"""Common words of names, texts and code; a value that is made of them is more likely a name than a secret."""

from __future__ import annotations

import re

_LETTERS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

_JOINTS = re.compile(r"[\W_\d]+")

COMMON = frozenset(
    """
    a about access account action active add address admin after all allow an and any api app application apply are
    array as at auth authorization available aws azure back bad base be bearer before begin bool box build button by
    bytes cache call can cannot card case change changed check class clear click client close cloud code collection
    column config confirm connect connection content context control cookie copy correct count create created
    credential credentials current custom data database date day db debug default delete description dev developer
    device dict disable disabled display do document does domain done down edit else email empty enable enabled encoded
    encrypted end enter entry env environment error event every example exist expired extra failed false field file
    filter find first fixture float folder for forgot format found from function generate get git github give given
    go google grant group has hash have header hello help here hidden home host html http https id if image import in
    incorrect index info init input insert install int integer internal invalid is it item its json keep key keys label
    language last length level like limit line link linux list load local localhost lock log login logout long mail main
    make manager map master match max may me menu message method min missing mode model module more most must my name
    need network new next no node none not note null number object of off ok old on once one only open option optional
    or order org other out output own page param parameter parent parse part pass passphrase passwd password passwords
    path pattern permission phone place please policy port post prefix present previous private process production
    profile project prompt property protected provide provided provider public query random read real redirect refresh
    region register release remote remove replace request require required reset resource response rest result return
    role root route row rule run same save schema scope search secret secrets section see select send server service
    session set setting settings short should show sign simple single site size some sort source space standard start
    state static status step stop storage store str string strong submit success super switch system table tag target
    task temp template test testing tests text that the their then there this time title to token tokens too true try
    two type undefined unique unknown up update upload url use used user username users using uuid valid value values
    variable verify version view visible wait want was we web weak welcome when where which will window with without
    word work world write wrong xml yaml yes you your zero zone
    """.split()  # noqa: SIM905 - a list of hundreds, one a line, is no better to read
)


def parts_of(text: str) -> list[str]:
    """The runs of letters of a text in lower case, parted also where the case changes."""
    return [part.lower() for part in _LETTERS.findall(text)]


PASSWORD_WORDS = frozenset(
    """
    password passwords passwd passphrase passcode pwd psw pswd passwrd pword passe mdp senha contrasena
    contraseña clave passwort kennwort haslo heslo parola parol wachtwoord pin requirepass keypass storepass motdepasse
    密码 пароль パスワード
    """.split()  # noqa: SIM905 - as above
)
_PASSWORD_PARTS = ("passw", "pwd", "passphrase", "senha", "contrase", "kennwort")


def names_password(variable: str) -> bool:
    """Whether what is assigned to this name is a password, in one of several languages."""
    lowered = variable.lower()
    return (
        any(part in lowered for part in _PASSWORD_PARTS)
        or lowered.endswith(("pass", "pw"))
        or not PASSWORD_WORDS.isdisjoint(words_of(variable))
    )


def words_of(name: str) -> list[str]:
    """The words of a name, however it is cased and joined."""
    return [word for part in _JOINTS.split(name) for word in (parts_of(part) if part.isascii() else [part.lower()])]
