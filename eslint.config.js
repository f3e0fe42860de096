import eslint from 'typescript-eslint';

const ignored = [
  '.dependency-cruiser.cjs',
  'node_modules/**',
  '.nightmarket/**',
  'web/dist/**',
  'coverage/**',
  'media/worker-build/**',
];

export default eslint.config(
  { ignores: ignored },
  eslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers and booleans in log lines and keys are fine; objects are not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A type reads better than an interface for plain shapes; both are allowed.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // `void promise` marks a promise that is meant to run on its own.
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Async by contract: an adapter may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Verbs here are closures, not classes: they have no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      // Leaving fields out by destructuring is fine: `{ secret, ...rest }`.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-console': 'error',
    },
  },
  {
    // What talks to a terminal may print.
    files: [
      'load-tests/**',
      'server/main.ts',
      'server/setup/**',
      'shared/raffle/verify-cli.ts',
      'test/static/**',
      'test/pages/screenshots.ts',
      'web/page-weight.ts',
      '.ci/**',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    // Answers of foreign programs are asserted on as they came, not typed.
    files: ['test/**', '**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], extends: [eslint.configs.disableTypeChecked] },
);
