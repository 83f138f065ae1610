"""The style sheet: the theme's look for every standard control of Qt."""

from lenet_viz import resources
from lenet_viz.panels.theme import Theme


def style_sheet(theme: Theme) -> str:
    """Return the Qt style sheet that gives every standard control the theme's look."""
    t = theme
    icons = {
        name: resources.path("icons", f"{name}-{t.name}.svg").as_posix()
        for name in ("chevron", "chevron-up", "check")
    }
    return f"""
    QMainWindow, QDialog {{ background: {t.window}; }}
    QWidget {{ color: {t.text}; }}
    QFrame#panel {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 8px; }}
    QLabel {{ background: transparent; border: none; }}
    QLabel[role="title"] {{ font-weight: 600; }}
    QLabel[role="muted"] {{ color: {t.muted}; }}
    QLabel[role="link"] {{ color: {t.accent}; }}
    QLabel[role="warning"] {{ color: {t.warning}; }}
    QToolTip {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.line};
        padding: 4px; }}
    QPushButton, QToolButton, QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit {{
        background: {t.surface}; border: 1px solid {t.line}; border-radius: 6px;
        padding: 4px 8px; min-height: 20px; }}
    QPushButton:hover, QToolButton:hover, QComboBox:hover, QAbstractSpinBox:hover {{
        border-color: {t.muted}; }}
    QPushButton:focus, QToolButton:focus, QComboBox:focus, QAbstractSpinBox:focus,
    QLineEdit:focus {{ border: 1px solid {t.accent}; }}
    QPushButton:disabled, QToolButton:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {{
        color: {t.muted}; background: {t.raised}; }}
    QCheckBox:disabled {{ color: {t.muted}; }}
    QPushButton[role="main"] {{ background: {t.strong}; color: {t.on_strong};
        border-color: {t.strong}; font-weight: 600; }}
    QPushButton[role="main"]:hover {{ background: {t.muted}; border-color: {t.muted}; }}
    QPushButton[role="main"]:disabled {{ background: {t.line}; color: {t.muted};
        border-color: {t.line}; }}
    QPushButton[role="switch"] {{ border-radius: 11px; padding: 2px 12px; background: {t.raised};
        color: {t.muted}; border-color: {t.raised}; min-height: 18px; }}
    QPushButton[role="switch"]:checked {{ background: {t.strong}; color: {t.on_strong};
        border-color: {t.strong}; }}
    QPushButton[role="switch"]:focus {{ border: 1px solid {t.accent}; }}
    QComboBox {{ padding-right: 20px; }}
    QComboBox::drop-down {{ border: none; width: 20px; }}
    QComboBox::down-arrow {{ image: url("{icons["chevron"]}"); width: 10px; height: 10px; }}
    QToolButton[popupMode="2"] {{ padding-right: 20px; }}
    QToolButton::menu-indicator {{ image: url("{icons["chevron"]}"); width: 10px; height: 10px;
        subcontrol-origin: padding; subcontrol-position: right center; right: 7px; }}
    QSpinBox, QDoubleSpinBox {{ padding-right: 20px; }}
    QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
    QDoubleSpinBox::down-button {{ border: none; background: transparent; width: 18px; }}
    QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{
        image: url("{icons["chevron-up"]}"); width: 9px; height: 9px; }}
    QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{
        image: url("{icons["chevron"]}"); width: 9px; height: 9px; }}
    QCheckBox {{ spacing: 6px; background: transparent; }}
    QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {t.muted};
        border-radius: 4px; background: {t.surface}; }}
    QCheckBox::indicator:checked {{ background: {t.strong}; border-color: {t.strong};
        image: url("{icons["check"]}"); }}
    QCheckBox:focus {{ color: {t.accent}; }}
    QWidget#step_content, QWidget#strip_cards, QWidget#builder_form,
    QWidget#builder_below {{ background: {t.surface}; }}
    QComboBox QAbstractItemView, QMenu {{ background: {t.surface}; color: {t.text};
        border: 1px solid {t.line}; selection-background-color: {t.accent_ground};
        selection-color: {t.text}; outline: none; }}
    QMenu::item {{ padding: 5px 22px; }}
    QMenu::item:selected {{ background: {t.accent_ground}; color: {t.text}; }}
    QMenu::item:disabled {{ color: {t.muted}; }}
    QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
    QMenuBar {{ background: {t.surface}; }}
    QMenuBar::item {{ padding: 4px 9px; background: transparent; }}
    QMenuBar::item:selected {{ background: {t.accent_ground}; }}
    QToolBar {{ background: {t.surface}; border: none; border-bottom: 1px solid {t.line};
        spacing: 4px; padding: 6px 8px; }}
    QToolBar::separator {{ background: {t.line}; width: 1px; margin: 4px 4px; }}
    QStatusBar {{ background: {t.surface}; border-top: 1px solid {t.line}; color: {t.muted}; }}
    QStatusBar::item {{ border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 11px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 11px; margin: 0; }}
    QScrollBar::handle {{ background: {t.line}; border-radius: 5px; min-height: 24px;
        min-width: 24px; margin: 2px; }}
    QScrollBar::handle:hover {{ background: {t.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QAbstractScrollArea {{ background: {t.surface}; border: none; }}
    QWidget#builder_form QLineEdit, QWidget#builder_form QSpinBox, QWidget#builder_form QComboBox,
    QWidget#builder_form QToolButton {{ padding: 1px 5px; min-height: 19px; }}
    QWidget#builder_bar QPushButton, QWidget#builder_bar QToolButton {{ padding: 2px 6px; }}
    QWidget#code_bar QPushButton {{ padding: 2px 10px; min-height: 18px; }}
    QWidget#builder_bar QToolButton#builder_add {{ padding: 2px 22px 2px 8px; }}
    QTableView {{ background: {t.surface}; alternate-background-color: {t.raised};
        gridline-color: {t.line}; selection-background-color: {t.accent_ground};
        selection-color: {t.text}; border: none; }}
    QHeaderView::section {{ background: {t.surface}; color: {t.muted}; border: none;
        border-bottom: 1px solid {t.line}; padding: 4px 8px; }}
    QHeaderView {{ background: {t.surface}; }}
    QTabBar {{ qproperty-drawBase: 0; }}
    QTabBar::tab {{ background: transparent; color: {t.muted}; padding: 6px 7px; border: none;
        border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.accent}; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QDockWidget {{ color: {t.text}; font-weight: 600; }}
    QMainWindow::separator {{ background: {t.window}; width: 8px; height: 8px; }}
    QProgressBar {{ background: {t.raised}; border: none; border-radius: 3px; max-height: 6px; }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
    QPlainTextEdit, QTextEdit {{ background: {t.surface}; border: none;
        selection-background-color: {t.accent}; selection-color: {t.surface}; }}
    """
