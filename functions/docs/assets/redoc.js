const page = document.getElementById("page");
const letters = "system-ui, sans-serif";

Redoc.init(
  page.dataset.schema,
  {
    hideLoading: true,
    showExtensions: true,
    theme: {
      typography: {
        fontFamily: letters,
        headings: { fontFamily: letters },
        code: { fontFamily: "ui-monospace, monospace" },
      },
    },
  },
  page,
);
