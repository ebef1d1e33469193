import access from './access.json';
import board from './board.json';
import callPage from './callPage.json';
import core from './core.json';
import desk from './desk.json';
import history from './history.json';
import lessons from './lessons.json';
import profiles from './profiles.json';
import routing from './routing.json';
import setup from './setup.json';

/** Every text of the console in this language: one file for each area, `core` for what all share. */
export default {
  ...core,
  ...access,
  board,
  ...callPage,
  ...desk,
  ...history,
  ...lessons,
  ...profiles,
  ...routing,
  ...setup,
};
