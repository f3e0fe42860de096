-- Up Migration

-- What was decided about a reported line: true when it goes. Noted before it is carried out, so that of two who decide at once the later
-- one is told what counts. A report that is not settled and has it waits for the line to be gone. Null also of reports settled before this.
ALTER TABLE chat_reports ADD COLUMN removes boolean;
