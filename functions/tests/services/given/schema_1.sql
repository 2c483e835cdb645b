-- A table of schema 1 as an office had it: an appeal and a registration, sealed with the key of 32 bytes 7.
CREATE TABLE items (
        partition TEXT NOT NULL,
        sort TEXT NOT NULL,
        version INTEGER NOT NULL,
        first_partition TEXT,
        first_sort TEXT,
        second_partition TEXT,
        second_sort TEXT,
        expires INTEGER,
        count INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (partition, sort)
    ) STRICT;
CREATE INDEX by_first ON items (first_partition, first_sort, partition, sort) WHERE first_partition IS NOT NULL;
CREATE INDEX by_second ON items (second_partition, second_sort, partition, sort) WHERE second_partition IS NOT NULL;
CREATE INDEX by_expiry ON items (expires) WHERE expires IS NOT NULL;
INSERT INTO items VALUES ('CASE#XB261124264498136', 'ANSWERS', 1, NULL, NULL, NULL, NULL, NULL, 0, CAST('{"plain":{"attendance":"onsite","party":1},"sealed":{"company":"AQ7iEIMQkK+W1L1OCXsKRuMeJPu2QxmhrlBaJuDfR93JonHkoMBt7YU4Qsmktd4rMp5ROy/OksqhI4koSZuaAdchWTbAo1zcy9vvKm0=","mobile":"AQ7iEIOcnERpFcJmpfUP5z5AeWZ+SY6602F4YguKbmDezFQrpmplsYq7IFQ3Ec46nwcD7es791UT8Q==","name":"AQ7iEIPdOjoyltg3hd/1RP4CS36pYYmfKBJdEe3ybswJKTfhqpsVV8zMfOq925b8CrDvMj0ypO0="}}' AS BLOB));
INSERT INTO items VALUES ('CASE#XB261124264498136', 'HEAD', 1, 'SESSION#djt-2026-q4', '0001795485600004#XB261124264498136', NULL, NULL, NULL, 0, CAST('{"origin":{"number":"XB261124264498136","form":"registration","form_version":2,"received":"2026-11-24T10:00:00+08:00","source":{"taken":"张敏"},"quarantined":[],"consents":{"notice_hash":"32d124628a0b4170cdda1d5dc1937147e8c66b76c4cafb54718172d38a5890cd","boxes":{"handle":true,"news":false},"at":"2026-11-24T10:00:00+08:00"},"code_counter":0},"session":"djt-2026-q4","wished":"onsite","people":1,"standing":{"seated":"onsite"}}' AS BLOB));
INSERT INTO items VALUES ('CASE#XS261124917865', 'ANSWERS', 1, NULL, NULL, NULL, NULL, NULL, 0, CAST('{"plain":{"anonymous":"no","category":"finance","publish":"no","urgency":"normal"},"sealed":{"company":"AQ7iEIM0RXdm3bLsgJToKKTtIg0dCaK+jw+E1Wf/jV+sKmhjvIvuWGxBvlw2ETsT3GdeJwPrK6z76oX8xrGxAGPNOhLurpfgfoJyQfA=","contact":"AQ7iEIPb6m7yR+weHEBOgNc/eC7dA5VMelxWghHHFX7kQldHCBthLv3ouDwRjieh9KE95FgYi9I=","description":"AQ7iEIOlL6SG92+EwKxRRx3NUDJn1L2yb/6E8iR258wH0KrLg0cdz3RDXRQw25AZVFBBzbcSJgNakAy0qXi/5XCxNasmP8Lwm4CxlZ98oIjhQJ2fqZQndGM+DVUJpNAKV0H6+6SGMHRFSqVmz5Sj0hNHdaLrkgP8npinTL2UrAqypEp9+7IkiZwE1ti3/t9yB2RgMeE=","mobile":"AQ7iEIPaMISG73559WX8bIYgu1fE9rUqmjARpYJJA4mTdcdP+RR7p+Zmeaot+WHyBkae8e1AP/Nljg==","title":"AQ7iEIPDOVZn36ltfvemao0vdbBPmy3u8gQ6RkFgalLtKt6wF+gf8LnJ+cfYsli3ELmKGA/yeIBr5QBSxMCbBn2QYmoHQbs="}}' AS BLOB));
INSERT INTO items VALUES ('CASE#XS261124917865', 'EVENT#000001', 1, NULL, NULL, NULL, NULL, NULL, 0, CAST('{"seq":1,"at":"2026-11-24T10:00:00+08:00","by":"collector","act":"submit","from":null,"to":"submitted","public_note":null,"private_note":null,"previous_hash":null}' AS BLOB));
INSERT INTO items VALUES ('CASE#XS261124917865', 'HEAD', 1, 'APPEALS', '0001795485600004#XS261124917865', NULL, NULL, NULL, 0, CAST('{"origin":{"number":"XS261124917865","form":"appeal","form_version":1,"received":"2026-11-24T10:00:00+08:00","source":{"taken":"张敏"},"quarantined":[],"consents":{"notice_hash":"f6239264f61c2a1db3f51d03105f7396228d025204337c9029c1bd13eb7bd7ee","boxes":{"forward":false,"handle":true,"news":false,"publish_redacted":false},"at":"2026-11-24T10:00:00+08:00"},"code_counter":0},"head":{"state":"submitted","round":1,"urgency":"normal","received":"2026-11-24T10:00:00+08:00","first_contact":{"at":"2026-11-25T17:30:00+08:00","official":true},"grade":null,"extended":false,"disputes":0,"closed":null},"category":"融资"}' AS BLOB));
INSERT INTO items VALUES ('FOUND#company#iygx6foitvjixgewrsqcgbtdk4', 'XB261124264498136', 1, NULL, NULL, NULL, NULL, NULL, 0, CAST('null' AS BLOB));
INSERT INTO items VALUES ('FOUND#company#x3wcdmrezi7yup2yfv52avwy5i', 'XS261124917865', 1, NULL, NULL, NULL, NULL, NULL, 0, CAST('null' AS BLOB));
INSERT INTO items VALUES ('FOUND#mobile#qfzlg25aat43nwnabip47rn2wm', 'XB261124264498136', 1, NULL, NULL, NULL, NULL, NULL, 0, CAST('null' AS BLOB));
INSERT INTO items VALUES ('FOUND#mobile#tghw3zav3eg3fldding7qhjzkq', 'XS261124917865', 1, NULL, NULL, NULL, NULL, NULL, 0, CAST('null' AS BLOB));
INSERT INTO items VALUES ('KEY', 'CHECK', 1, NULL, NULL, NULL, NULL, NULL, 0, CAST('{"id":"0ee21083","check":"81c0af3e70ddc9082b99fe3a876e4f99","since":"2026-11-24T10:00:00+08:00"}' AS BLOB));
INSERT INTO items VALUES ('OUTBOX#XB261124264498136', '0001795485600004', 1, 'OUTBOX', '0001798525800000#XB261124264498136', NULL, NULL, NULL, 0, CAST('{"what":"registered","number":"XB261124264498136","due":"2026-12-29T14:30:00+08:00"}' AS BLOB));
INSERT INTO items VALUES ('OUTBOX#XS261124917865', '0001795485600004', 1, 'OUTBOX', '0001795599000000#XS261124917865', NULL, NULL, NULL, 0, CAST('{"what":"first_contact","number":"XS261124917865","due":"2026-11-25T17:30:00+08:00"}' AS BLOB));
INSERT INTO items VALUES ('SESSION#djt-2026-q4', 'FIRM#iygx6foitvjixgewrsqcgbtdk4', 1, NULL, NULL, NULL, NULL, NULL, 1, CAST('' AS BLOB));
INSERT INTO items VALUES ('SESSION#djt-2026-q4', 'PERSON#qfzlg25aat43nwnabip47rn2wm', 1, NULL, NULL, NULL, NULL, NULL, 0, CAST('"XB261124264498136"' AS BLOB));
INSERT INTO items VALUES ('SESSION#djt-2026-q4', 'SEATS#ONSITE', 1, NULL, NULL, NULL, NULL, NULL, 1, CAST('' AS BLOB));
PRAGMA application_id = 1481856844;
PRAGMA user_version = 1;
