// What finds mistakes in JavaScript, and nothing about its looks.
import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['**/*.min.js'] },
  js.configs.recommended,
  { rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error', 'no-shadow': 'error' } },
  { files: ['mbflow/**'], languageOptions: { globals: { ...globals.browser, dagre: 'readonly' } } },
  {
    files: ['mbflow/**'], // texts of flows are text nodes
    rules: { 'no-restricted-properties': ['error', { property: 'innerHTML' }, { property: 'outerHTML' }] },
  },
  { files: ['tests/**'], languageOptions: { globals: globals.node } },
  { files: ['tests/browser/**'], languageOptions: { globals: globals.browser } },
];
