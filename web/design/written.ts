/** Names of those parts of a form that are typed. */
type TextName<Form> = { [Name in keyof Form]: Form[Name] extends string ? Name : never }[keyof Form] & string;

/** What a text field needs of a form that is kept as one value: what stands there, and how it is changed. */
export function writtenIn<Form>(form: Form, onChange: (change: Partial<Form>) => void) {
  return (name: TextName<Form>) => ({
    value: form[name] as string,
    onText: (typed: string) => onChange({ [name]: typed } as Partial<Form>),
  });
}
