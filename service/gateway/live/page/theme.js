// Loaded before anything is painted, so that nobody sees the other theme first.
(() => {
  const root = document.documentElement;
  try {
    const chosen = localStorage.getItem('theme');
    if (chosen === 'light' || chosen === 'dark') root.dataset.theme = chosen;
  } catch {
    // A browser that keeps nothing for this page shows the theme of the system.
  }
})();
