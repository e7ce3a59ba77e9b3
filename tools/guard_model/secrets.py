"""Made-up passwords and keys of many habits. Each family is one way in which people or programs choose them."""

from __future__ import annotations

import base64
import string
import zlib
from collections.abc import Callable
from random import Random
from uuid import UUID

from zxcvbn.frequency_lists import FREQUENCY_LISTS

Make = Callable[[Random], str]

COMMON = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 5]
ENGLISH = [word for word in FREQUENCY_LISTS["english_wikipedia"][:12000] if len(word) >= 3 and word.isascii()]
PEOPLE = [*FREQUENCY_LISTS["female_names"], *FREQUENCY_LISTS["male_names"], *FREQUENCY_LISTS["surnames"][:4000]]
FOREIGN = (
    "sommer winter schatz passwort geheim fussball schalke muenchen berlin hallo liebe katze hund sonne blume "
    "azerty soleil bonjour amour chocolat marseille doudou loulou contrasena tequiero amor estrella mariposa "
    "princesa futbol barcelona madrid senha brasil flamengo corinthians saudade amigo deus juventus ciao forza "
    "amore napoli parola polska haslo kochanie matrix parol lyubov privet moskva zvezda heslo slunce welkom "
    "wachtwoord voetbal sifre istanbul fenerbahce galatasaray sakura naruto konnichiwa nihon tokyo woaini aini "
    "saranghae hyderabad ganesh krishna"
).split()
WALKS = (
    "qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm 1qaz2wsx qazwsx 1q2w3e4r 1q2w3e4r5t zaq12wsx q1w2e3r4 "
    "qweasd qweasdzxc 147258369 159753 poiuyt lkjhgf mnbvcxz 3edc4rfv !QAZ2wsx 1qaz@WSX azerty qwertz yxcvbnm "
    "123qwe asd123"
).split()
ROLES = ("admin root user test guest demo dev oracle postgres mysql redis sa manager super backup pass welcome").split()
MARKS = "!@#$%&*?._-+=^~"
SEASONS = ("spring", "summer", "autumn", "fall", "winter", "january", "march", "october", "monday", "friday")
LEET = str.maketrans({"a": "@", "e": "3", "i": "1", "o": "0", "s": "$", "t": "7"})
PLAIN_LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5"})


def _word(lot: Random) -> str:
    pool = lot.choice((ENGLISH, ENGLISH, PEOPLE, FOREIGN))
    word = lot.choice(pool)
    return lot.choice((word, word, word.capitalize(), word.capitalize(), word.upper()))


def _digits(lot: Random, most: int = 4) -> str:
    style = lot.random()
    if style < 0.3:
        return str(lot.randrange(1950, 2027))
    if style < 0.5:
        return lot.choice(("1", "12", "123", "1234", "01", "007", "99", "321", "11", "69", "2", "23", "00"))
    return "".join(lot.choices(string.digits, k=lot.randint(1, most)))


def _marks(lot: Random, chance: float = 0.5) -> str:
    return "".join(lot.choices(MARKS, k=lot.choice((1, 1, 1, 2, 3)))) if lot.random() < chance else ""


def _random(lot: Random, alphabet: str, least: int, most: int) -> str:
    return "".join(lot.choices(alphabet, k=lot.randint(least, most)))


def common(lot: Random) -> str:
    """One of those that leaked most often."""
    word = COMMON[min(int(lot.expovariate(1 / 5000)), len(COMMON) - 1)]
    return lot.choice((word, word, word.capitalize(), word + _marks(lot, 1.0), word + _digits(lot)))


def word_digits(lot: Random) -> str:
    return _word(lot) + _digits(lot) + _marks(lot, 0.35)


def word_mark_digits(lot: Random) -> str:
    return lot.choice((_word(lot) + _marks(lot, 1.0) + _digits(lot), _marks(lot, 1.0) + _word(lot) + _digits(lot)))


def two_words(lot: Random) -> str:
    joint = lot.choice(("", "", "", "_", "-", ".", "&", "4", "2", "@"))
    return _word(lot) + joint + _word(lot) + (_digits(lot) if lot.random() < 0.6 else "") + _marks(lot, 0.3)


def passphrase(lot: Random) -> str:
    joint = lot.choice(("-", "-", "_", ".", "", " "))
    words = [lot.choice(ENGLISH) for _ in range(lot.randint(3, 5))]
    if joint == "" or lot.random() < 0.3:
        words = [word.capitalize() for word in words]
    return joint.join(words) + (_digits(lot) if lot.random() < 0.4 else "")


def leet(lot: Random) -> str:
    word = lot.choice((lot.choice(ENGLISH), lot.choice(PEOPLE), lot.choice(FOREIGN), "password", "admin", "secret"))
    if len(word) < 5:
        word += lot.choice(ENGLISH)
    table = lot.choice((LEET, PLAIN_LEET))
    keys = lot.sample(list(table), k=lot.randint(1, len(table)))
    changed = word.translate({key: table[key] for key in keys})
    first = changed[:1].upper() + changed[1:]
    return lot.choice((changed, first)) + (_digits(lot) if lot.random() < 0.6 else "") + _marks(lot)


def walk(lot: Random) -> str:
    return lot.choice(WALKS) + (_digits(lot) if lot.random() < 0.4 else "") + _marks(lot, 0.4)


def season(lot: Random) -> str:
    word = lot.choice(SEASONS)
    return lot.choice((word, word.capitalize())) + lot.choice(("", "", "@", "#", "-")) + _digits(lot) + _marks(lot)


def role(lot: Random) -> str:
    return (
        lot.choice((str.lower, str.capitalize))(lot.choice(ROLES))
        + lot.choice(("", "@", "_", "#", "!"))
        + _digits(lot)
        + _marks(lot, 0.4)
    )


def foreign(lot: Random) -> str:
    word = lot.choice(FOREIGN)
    accents = str.maketrans({"u": "ü", "o": "ö", "e": "é", "a": "á", "n": "ñ"})
    if lot.random() < 0.2:
        word = word.translate(accents)
    return lot.choice((word, word.capitalize())) + _digits(lot) + _marks(lot, 0.4)


def birthday(lot: Random) -> str:
    name = lot.choice(PEOPLE)
    day, month, year = lot.randint(1, 28), lot.randint(1, 12), lot.randint(1955, 2012)
    date = lot.choice((f"{day:02}{month:02}{year}", f"{day:02}{month:02}{year % 100:02}", str(year), f"{month}{day}"))
    return lot.choice((name, name.capitalize(), name[:2])) + lot.choice(("", "", "_", ".", "*")) + date


def pin(lot: Random) -> str:
    return lot.choice((_random(lot, string.digits, 4, 8), _random(lot, string.digits, 6, 6)))


def initials(lot: Random) -> str:
    """The first letters of a sentence, with marks: `Mdn1s3R!`."""
    letters = "".join(lot.choice(ENGLISH)[0] for _ in range(lot.randint(4, 7)))
    return letters.capitalize() + _digits(lot) + _marks(lot, 0.8)


def syllables(lot: Random) -> str:
    """What pwgen and Apple make: pronounceable."""
    part = lambda: lot.choice("bdfgjkmnprstvwxz") + lot.choice("aeiou") + lot.choice("bdfgklmnprst")  # noqa: E731 - used in three lines
    made = "".join(part() for _ in range(lot.randint(2, 3))) + lot.choice(string.digits)
    if lot.random() < 0.4:
        made = "-".join(part() + part() for _ in range(3)) + lot.choice(string.digits)
    return made if lot.random() < 0.5 else made.capitalize()


def generated(lot: Random) -> str:
    """What a password manager makes, marks and all."""
    marks = lot.choice((MARKS, "!@#$%^&*()", "!#%+:=?@", "!@#$%^&*()_+-=[]{}|;:,.<>?/~", "*.-_", "$^~|;"))
    return _random(lot, string.ascii_letters + string.digits + marks, 8, 24)


def generated_plain(lot: Random) -> str:
    return _random(lot, string.ascii_letters + string.digits, 8, 20)


def generated_lower(lot: Random) -> str:
    return _random(lot, string.ascii_lowercase + lot.choice((string.digits, "")), 8, 16)


def hexes(lot: Random) -> str:
    length = lot.choice((16, 24, 32, 32, 32, 40, 48, 64, 64, 96, 128))
    alphabet = lot.choice(("0123456789abcdef", "0123456789abcdef", "0123456789ABCDEF"))
    return _random(lot, alphabet, length, length)


def base64s(lot: Random) -> str:
    data = lot.randbytes(lot.choice((12, 16, 24, 32, 32, 33, 48, 64)))
    encoded = lot.choice((base64.b64encode, base64.urlsafe_b64encode))(data).decode()
    return encoded.rstrip("=") if lot.random() < 0.3 else encoded


def base62(lot: Random) -> str:
    return _random(lot, string.ascii_letters + string.digits, 20, 64)


def base32(lot: Random) -> str:
    return _random(lot, string.ascii_uppercase + "234567", 16, 40)


def base36(lot: Random) -> str:
    return _random(lot, string.ascii_lowercase + string.digits, 20, 50)


def parted(lot: Random) -> str:
    """Random parts that are joined: licence keys, tokens with a number before them."""
    joint = lot.choice("-._:")
    alphabet = lot.choice(
        (string.ascii_uppercase + string.digits, string.ascii_letters + string.digits, "0123456789abcdef")
    )
    return joint.join(_random(lot, alphabet, 4, 12) for _ in range(lot.randint(3, 5)))


def prefixed(lot: Random) -> str:
    """With a prefix that no issuer is known by."""
    prefix = lot.choice(
        ("key", "sk", "tok", "api", "sec", "live", "prod", lot.choice(ENGLISH)[:4], "pk_live", "app", "at")
    )
    return prefix + lot.choice("-_.") + _random(lot, string.ascii_letters + string.digits, 16, 48)


def secret_uuid(lot: Random) -> str:
    return str(UUID(int=lot.getrandbits(128), version=4))


def marked_key(lot: Random) -> str:
    """As frameworks make their secret keys: fifty characters with marks."""
    return _random(lot, "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", 40, 64)


def basic(lot: Random) -> str:
    return base64.b64encode(f"{lot.choice(ROLES)}:{word_digits(lot)}".encode()).decode()


def connection_url(lot: Random) -> str:
    scheme = lot.choice(("postgres", "postgresql", "mysql", "mongodb+srv", "redis", "amqp", "https", "mssql", "ftp"))
    password = lot.choice((generated_plain, word_digits, hexes, two_words, generated_lower))(lot).replace(" ", "")
    host = lot.choice(("db.internal", "10.0.3.7", "localhost", "cache", "prod-db.eu-west-1.rds.amazonaws.com", "mq"))
    user = lot.choice((*ROLES, "app", "svc_" + lot.choice(ENGLISH)))
    return f"{scheme}://{user}:{password}@{host}:{lot.choice((5432, 3306, 6379, 27017, 443))}/{lot.choice(ENGLISH)}"


def connection_text(lot: Random) -> str:
    password = lot.choice((generated_plain, word_mark_digits, word_digits, leet))(lot).replace(";", "x")
    name, user = lot.choice(("Password", "Pwd", "password")), lot.choice(("User Id", "Uid", "User"))
    return f"Server=db{lot.randint(1, 9)};Database={lot.choice(ENGLISH)};{user}=sa;{name}={password};"


HUMAN: tuple[Make, ...] = (
    common, word_digits, word_mark_digits, two_words, passphrase, leet, walk, season, role, foreign, birthday, pin,
    initials, syllables,
)  # fmt: skip
RANDOM: tuple[Make, ...] = (generated, generated_plain, generated_lower)
KEYS: tuple[Make, ...] = (
    hexes, base64s, base62, base32, base36, parted, prefixed, secret_uuid, marked_key, generated_plain, basic,
)  # fmt: skip
URLS: tuple[Make, ...] = (connection_url, connection_text)


def seed_of(name: str, seed: int) -> int:
    """A seed of its own for each family, so that one more of them leaves the others as they are."""
    return zlib.crc32(f"{name} {seed}".encode())
