-- Up Migration

CREATE TABLE giveaways (
  giveaway_id   uuid PRIMARY KEY,
  room_id       uuid NOT NULL REFERENCES rooms,
  host_id       uuid NOT NULL REFERENCES people,
  -- published → closing (no entry is taken any more) → frozen (the root is public) → drawn or void; or published → cancelled.
  state         text NOT NULL DEFAULT 'published'
    CHECK (state IN ('published', 'closing', 'frozen', 'drawn', 'void', 'cancelled')),
  -- As published, and its hash. The columns down to `closes_at` never change: see the trigger.
  rules         jsonb NOT NULL,
  rules_hash    bytea NOT NULL CHECK (length(rules_hash) = 32),
  -- Secret until the draw. The commitment to it is in the rules.
  seed          bytea NOT NULL CHECK (length(seed) = 32),
  -- Private Ed25519 key (the 32-byte seed of RFC 8032) of receipts and of the frozen list.
  signing_key   bytea NOT NULL CHECK (length(signing_key) = 32),
  -- What each entrant's salt is derived from.
  salt_key      bytea NOT NULL CHECK (length(salt_key) = 32),
  opens_at      timestamptz NOT NULL,
  closes_at     timestamptz NOT NULL CHECK (closes_at > opens_at),
  entry_count   int NOT NULL DEFAULT 0 CHECK (entry_count >= 0),
  frozen_at     timestamptz,
  root          bytea CHECK (length(root) = 32),
  frozen_signature bytea CHECK (length(frozen_signature) = 64),
  beacon        jsonb,
  revealed      boolean NOT NULL DEFAULT false,
  cancel_reason text CHECK (length(cancel_reason) BETWEEN 1 AND 500),
  ended_at      timestamptz,
  -- Steps that the room log has.
  told          text[] NOT NULL DEFAULT '{}',
  request_key   text NOT NULL,
  published_at  timestamptz NOT NULL,
  UNIQUE (room_id, request_key),
  CHECK ((state IN ('frozen', 'drawn', 'void')) = (root IS NOT NULL)),
  CHECK ((root IS NULL) = (frozen_at IS NULL) AND (root IS NULL) = (frozen_signature IS NULL)),
  CHECK ((state = 'cancelled') = (cancel_reason IS NOT NULL)),
  CHECK ((state IN ('drawn', 'void', 'cancelled')) = (ended_at IS NOT NULL)),
  CHECK (NOT revealed OR state = 'drawn')
);
CREATE INDEX giveaways_room ON giveaways (room_id, published_at DESC);
CREATE INDEX giveaways_due ON giveaways (closes_at) WHERE state IN ('published', 'closing', 'frozen');

CREATE FUNCTION refuse_change_of_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.giveaway_id, NEW.room_id, NEW.host_id, NEW.rules, NEW.rules_hash, NEW.seed, NEW.signing_key, NEW.salt_key, NEW.opens_at, NEW.closes_at)
    IS DISTINCT FROM
     (OLD.giveaway_id, OLD.room_id, OLD.host_id, OLD.rules, OLD.rules_hash, OLD.seed, OLD.signing_key, OLD.salt_key, OLD.opens_at, OLD.closes_at)
  THEN RAISE EXCEPTION 'published rules can not be changed'; END IF;
  IF OLD.root IS NOT NULL AND (NEW.root, NEW.frozen_at, NEW.frozen_signature, NEW.entry_count)
    IS DISTINCT FROM (OLD.root, OLD.frozen_at, OLD.frozen_signature, OLD.entry_count)
  THEN RAISE EXCEPTION 'a frozen list can not be changed'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER giveaways_rules_stay BEFORE UPDATE ON giveaways FOR EACH ROW EXECUTE FUNCTION refuse_change_of_rules();

CREATE TABLE giveaway_entries (
  giveaway_id  uuid NOT NULL REFERENCES giveaways,
  entry_number int NOT NULL CHECK (entry_number >= 0),
  entry_id     uuid NOT NULL,
  -- Never public; the pseudonym is.
  person_id    uuid NOT NULL,
  entrant      bytea NOT NULL CHECK (length(entrant) = 32),
  nonce        bytea NOT NULL CHECK (length(nonce) = 16),
  entered_at   timestamptz NOT NULL,
  PRIMARY KEY (giveaway_id, entry_number),
  CONSTRAINT giveaway_entries_one_each UNIQUE (giveaway_id, person_id)
);
CREATE TRIGGER giveaway_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON giveaway_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Winners and alternates in the order of the draw. Place 0 is the first winner.
CREATE TABLE giveaway_places (
  giveaway_id  uuid NOT NULL REFERENCES giveaways,
  place        int NOT NULL CHECK (place >= 0),
  entry_number int NOT NULL,
  score        bytea NOT NULL CHECK (length(score) = 32),
  person_id    uuid NOT NULL,
  -- waiting: an alternate. offered: has a prize to claim. absent: was not there when presence was asked.
  state        text NOT NULL CHECK (state IN ('waiting', 'offered', 'claimed', 'forfeited', 'absent')),
  claim_by     timestamptz,
  claimed_at   timestamptz,
  address_id   uuid,
  -- Also the id of the right to buy, where that is the prize.
  award_id     uuid UNIQUE,
  PRIMARY KEY (giveaway_id, place),
  UNIQUE (giveaway_id, entry_number),
  FOREIGN KEY (giveaway_id, entry_number) REFERENCES giveaway_entries,
  CHECK (state NOT IN ('offered', 'claimed', 'forfeited') OR (claim_by IS NOT NULL AND award_id IS NOT NULL)),
  CHECK ((state = 'claimed') = (claimed_at IS NOT NULL))
);
CREATE INDEX giveaway_places_person ON giveaway_places (person_id, claim_by) WHERE state IN ('offered', 'claimed');
CREATE INDEX giveaway_places_due ON giveaway_places (claim_by) WHERE state = 'offered';

-- Rights to buy that raffle drops gave. An order that uses one names it.
CREATE TABLE rights_to_buy (
  right_id    uuid PRIMARY KEY REFERENCES giveaway_places (award_id),
  person_id   uuid NOT NULL,
  offer_id    uuid NOT NULL,
  units       int NOT NULL CHECK (units >= 1),
  expires_at  timestamptz NOT NULL
);
CREATE INDEX rights_to_buy_person ON rights_to_buy (person_id, offer_id, expires_at DESC);
