/** Why a message was not answered, in the only words a merchant reads: they say nothing of the network it was sent from. */
export type WhyNoAnswer = 'no answer' | 'no answer in time' | 'no secure connection';

/** A try that got no answer. The message says more than `why` does, and is for us alone. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly why: WhyNoAnswer;

  constructor(why: WhyNoAnswer, message: string, options?: ErrorOptions) {
    super(message, options);
    this.why = why;
  }
}
