-- Version 3 on PostgreSQL: who acts here, beside the chain.
-- Lines name people by tokens alone. Whose a token is stands here and may be altered: whoever is
-- forgotten keeps the token, so the chain stays as it is and says a pseudonym from then on.

CREATE TABLE identities (
    token     text PRIMARY KEY,              -- random; what lines hold under "by"
    digest    text NOT NULL UNIQUE,          -- of the address, with the salt in meta: recognises it
    name      text,                          -- as git said it last; NULL once forgotten
    email     text,                          -- in lower case; NULL once forgotten
    pseudonym text,                          -- NULL until forgotten
    CHECK ((name IS NULL) = (email IS NULL)),
    CHECK ((name IS NULL) = (pseudonym IS NOT NULL))
);
