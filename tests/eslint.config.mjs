// What finds mistakes in JavaScript, and nothing about its looks.
import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['**/*.min.js'] },
  js.configs.recommended,
  { rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error', 'no-shadow': 'error' } },
  { files: ['mbflow/**'], languageOptions: { globals: globals.browser } },
  { files: ['tests/**'], languageOptions: { globals: globals.node } },
];
