import { render } from 'preact';
import { createApi } from './api/api.ts';
import { App } from './app.tsx';
import { createPictureStore } from './pictures/picture-store.ts';
import { createRunner } from './session/runner.ts';
import { createStatistics } from './api/statistics-store.ts';
import { storedKey } from './frame/sign-in-key.ts';
import './style/base.css';
import './style/controls.css';
import './style/review.css';
import './style/picture-viewer.css';
import './style/label-choice.css';
import './style/answer-actions.css';
import './style/lead.css';
import './style/charts.css';
import './style/gallery.css';
import './style/item-panel.css';

/** Decoded pictures: those held, two maps, and a few that may be taken back. A large one takes 100 MB. */
const KEPT_PICTURES = 10;

const api = createApi(storedKey);
const runner = createRunner(api);

window.addEventListener('pagehide', () => {
  runner.close();
});
// A page that comes back from the browser's memory has given its items back.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

render(
  <App
    api={api}
    runner={runner}
    pictures={createPictureStore(api, KEPT_PICTURES)}
    statistics={createStatistics(api)}
  />,
  document.getElementById('page')!,
);
