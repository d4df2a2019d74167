import { defineConfig } from 'vite';

/** The reviewers' page: `src/web` becomes static files in `build/web`, named by their content. */
export default defineConfig({
  root: 'src/web',
  // The build must not depend on files of whoever runs it.
  envDir: false,
  publicDir: false,
  build: {
    outDir: '../../build/web',
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page allows no data: in scripts and styles, and no polyfill is needed.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
});
