-- Up Migration

-- Where money is, by double entry. A transfer moves an amount between accounts; its entries sum to zero.
CREATE TABLE money_transfers (
  transfer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- What it is about; the same thing can't be booked twice.
  cause       text NOT NULL UNIQUE CHECK (cause ~ '^[a-z-]+:[0-9a-f-]{36}$'),
  order_id    uuid NOT NULL,
  booked_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX money_transfers_order ON money_transfers (order_id);

-- Accounts: provider:NAME (money the provider has for us), deposit:ORDER (money of a buyer not yet decided about),
-- merchant:SHOP (owed to the merchant), refunds:NAME (owed to buyers, on its way). Debits are positive.
CREATE TABLE money_entries (
  transfer_id  bigint NOT NULL REFERENCES money_transfers,
  account      text NOT NULL CHECK (account ~ '^(provider|deposit|merchant|refunds):[0-9a-z-]{1,60}$'),
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  PRIMARY KEY (transfer_id, account)
);
CREATE INDEX money_entries_account ON money_entries (account, currency);

CREATE FUNCTION refuse_unbalanced_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM money_entries WHERE transfer_id = NEW.transfer_id GROUP BY currency HAVING sum(amount_minor) <> 0)
    OR (SELECT count(DISTINCT currency) <> 1 FROM money_entries WHERE transfer_id = NEW.transfer_id)
  THEN RAISE EXCEPTION 'transfer % does not sum to zero in one currency', NEW.transfer_id;
  END IF;
  RETURN NULL;
END $$;
-- Checked at commit, when all entries are there; from both sides, so that a transfer without entries is refused too.
CREATE CONSTRAINT TRIGGER money_transfers_balance AFTER INSERT ON money_transfers
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transfer();
CREATE CONSTRAINT TRIGGER money_entries_balance AFTER INSERT ON money_entries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transfer();
CREATE TRIGGER money_transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money_transfers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER money_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
