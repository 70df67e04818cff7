CREATE SCHEMA shop; CREATE SCHEMA "Back Office"; CREATE SCHEMA hidden;
CREATE DOMAIN shop.code AS text CHECK (VALUE <> '');
CREATE TYPE shop.colour AS ENUM ('red', 'green');
CREATE TABLE shop.client(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code shop.code NOT NULL UNIQUE,
  mail varchar(80), tags text[], favourite shop.colour, born date DEFAULT now(), low text GENERATED ALWAYS AS (lower(mail)) STORED,
  amount numeric(12,4) CHECK (amount >= 0), CONSTRAINT known CHECK (mail IS NOT NULL OR code IS NOT NULL));
COMMENT ON TABLE shop.client IS 'Who buys'; COMMENT ON COLUMN shop.client.mail IS 'where bills go';
CREATE INDEX by_mail ON shop.client(lower(mail), born);
CREATE TABLE shop."Order"("orderId" bigint, line int, "clientId" bigint REFERENCES shop.client(id), PRIMARY KEY("orderId", line));
CREATE TABLE shop.parcel(id int PRIMARY KEY, order_id bigint, line int,
  FOREIGN KEY(order_id, line) REFERENCES shop."Order"("orderId", line));
CREATE TABLE shop.reading(id bigint, at date NOT NULL, kind text) PARTITION BY RANGE(at);
CREATE TABLE shop.reading_old PARTITION OF shop.reading FOR VALUES FROM ('2020-01-01') TO ('2025-01-01');
CREATE TABLE shop.reading_new PARTITION OF shop.reading FOR VALUES FROM ('2025-01-01') TO ('2030-01-01') PARTITION BY LIST(kind);
CREATE TABLE shop.reading_new_a PARTITION OF shop.reading_new FOR VALUES IN ('a');
CREATE TABLE shop.kind PARTITION OF shop.reading_new DEFAULT;
CREATE TABLE shop.big(id int PRIMARY KEY, v text);
CREATE TABLE shop.held(id int); CREATE TABLE shop.going(id int);
CREATE VIEW shop.per_client AS SELECT "clientId" AS client, count(*) AS orders FROM shop."Order" GROUP BY 1;
CREATE VIEW shop.named AS SELECT c.mail, p.* FROM shop.per_client p JOIN shop.client c ON c.id = p.client;
CREATE MATERIALIZED VIEW shop.kinds AS SELECT kind, max(at) AS last FROM shop.reading GROUP BY kind;
CREATE MATERIALIZED VIEW shop.never AS SELECT 1 AS one WITH NO DATA;
CREATE FOREIGN DATA WRAPPER far; CREATE SERVER away FOREIGN DATA WRAPPER far;
CREATE FOREIGN TABLE shop.abroad(id int, what text) SERVER away;
CREATE TABLE "Back Office"."Employé"("Né" date, id int PRIMARY KEY, boss int REFERENCES "Back Office"."Employé"(id));
CREATE DOMAIN shop.must AS text NOT NULL;
CREATE TABLE shop.strict(code shop.must, n int); CREATE UNIQUE INDEX live ON shop.strict(n, lower(code)) WHERE n > 0;
CREATE VIEW shop.lines AS SELECT c.code, l.line FROM shop.client c,
  LATERAL (SELECT o.line FROM shop."Order" o WHERE o."clientId" = c.id) l;
CREATE TABLE hidden.t(id int); CREATE TABLE shop.refused(id int);
CREATE TABLE shop.partly(id int PRIMARY KEY, secret text);
INSERT INTO shop.client(code, mail) SELECT 'c' || g, 'u' || g || '@example.org' FROM generate_series(1, 50) g;
INSERT INTO shop.reading SELECT g, date '2024-12-01' + g, 'a' FROM generate_series(1, 60) g;
INSERT INTO shop.big SELECT g, 'x' FROM generate_series(1, 5000) g; ANALYZE shop.big;
REFRESH MATERIALIZED VIEW shop.kinds;
GRANT USAGE ON SCHEMA shop, "Back Office" TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA shop, "Back Office" TO reader;
REVOKE SELECT ON shop.refused, shop.partly FROM reader; GRANT SELECT(id) ON shop.partly TO reader
