"""The toolbar's menus."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QActionGroup

from lenet_viz.panels.text import translate

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow


def fill_menus(window: "MainWindow") -> None:
    """Fill the toolbar's menus with the window's actions."""
    actions = window.actions_by_name
    file = window.toolbar.add_menu(
        "toolbar_file",
        translate("Window", "File"),
        translate("Window", "Open a run (Ctrl+O), take figures (Ctrl+S) and numbers home"),
    )
    for names in (
        ("undo", "redo", "new_network", "build", "freeze"),
        ("save_network",),
        ("open_capture", "open_model", "change_model"),
        ("save_figure", "copy_figure", "copy_window"),
        ("save_array", "copy_array", "save_run"),
    ):
        file.addActions([actions[name] for name in names])
        if "open_capture" in names:
            file.addMenu(window.recent.menu)
        file.addSeparator()
    view = window.toolbar.add_menu(
        "toolbar_view",
        translate("Window", "View"),
        translate("Window", "Panels, theme, full screen"),
    )
    for dock in window.docks.values():
        view.addAction(dock.toggleViewAction())
    view.addAction(actions["reset_layout"])
    view.addSeparator()
    themes = QActionGroup(window)  # one of them is always checked
    for word in ("system", "light", "dark"):
        view.addAction(themes.addAction(actions[f"theme_{word}"]))
    view.addSeparator()
    for name in ("full_screen", "help", "quit"):
        view.addAction(actions[name])
