import './problem.css';

/** What went wrong, said at once also to who does not see it. Nothing when nothing did. */
export const Problem = ({ text }: { text: string | undefined }) =>
  text ? (
    <p class="problem" role="alert">
      {text}
    </p>
  ) : null;
