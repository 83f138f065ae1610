"""The main window: it places the panels, hands them the state, and nothing else."""

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QTabWidget, QVBoxLayout, QWidget

from lenet_viz.capture.address import Address
from lenet_viz.panels.autograd_panel import AutogradPanel
from lenet_viz.panels.builder_panel import BuilderPanel
from lenet_viz.panels.code_panel import CodePanel
from lenet_viz.panels.compare_panel import ComparePanel
from lenet_viz.panels.input_panel import InputPanel
from lenet_viz.panels.ledger_panel import LedgerPanel
from lenet_viz.panels.log_panel import LogPanel
from lenet_viz.panels.map_panel import MapPanel
from lenet_viz.panels.notice_bar import NoticeBar
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.parameter_panel import ParameterPanel
from lenet_viz.panels.source_panel import SourcePanel
from lenet_viz.panels.status_line import StatusLine
from lenet_viz.panels.step_panel import StepPanel
from lenet_viz.panels.strip import StripPanel
from lenet_viz.panels.structural import structural_mask
from lenet_viz.panels.style import style_sheet
from lenet_viz.panels.text import translate
from lenet_viz.panels.theme import Theme, theme_named
from lenet_viz.panels.toolbar import Toolbar
from lenet_viz.panels.why_panel import WhyPanel
from lenet_viz.session.session import Session
from lenet_viz.session.state import State
from lenet_viz.window.actions import make_actions
from lenet_viz.window.background import Background
from lenet_viz.window.code_file import CodeFile
from lenet_viz.window.commands import action_specs
from lenet_viz.window.data_export import DataExport
from lenet_viz.window.dock import PanelDock
from lenet_viz.window.drawing import Drawing
from lenet_viz.window.figures import Figures
from lenet_viz.window.help_dialog import HelpDialog
from lenet_viz.window.layout import StrayTabs, WantedHeight, arrange, first_size, make_room, restore
from lenet_viz.window.memory import LAYOUT_VERSION, Memory
from lenet_viz.window.menus import fill_menus
from lenet_viz.window.models import Models
from lenet_viz.window.network_file import NetworkFile
from lenet_viz.window.opening import Opening
from lenet_viz.window.pointing import Pointing
from lenet_viz.window.recent import Recent
from lenet_viz.window.wiring import wire


class MainWindow(QMainWindow):
    """The window.

    Attributes:
        session: its state and verbs.
        toolbar: the toolbar.
        strip: the network strip.
        step_panel: the selected step.
        builder: the layers of the network, to be changed.
        maps: the selected step's maps.
        input_panel: the input beside its gradient.
        parameters: the table of parameters.
        ledger: how .grad adds up, and the update.
        autograd: the grad_fn nodes from the objective to the leaves.
        compare: a frozen run beside the present one.
        code: the Python text of the network that is built.
        log: what the notebook would print.
        source: the Python text that ran.
        why: the arithmetic of the number that is asked about.
        docks: the docks by their panel's name.
        stray_tabs: what hides tab bars that Qt forgets.
    """

    def __init__(
        self, session: Session, memory: Memory, size: tuple[int, int] | None = None
    ) -> None:
        """Place every panel and wire it to the session.

        Args:
            session: the state and its verbs; its engine is started by the caller.
            memory: what is remembered from start to start.
            size: width and height; the remembered ones, or as the screen allows, if None.
        """
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("lenet_viz")
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AnimatedDocks
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.session = session
        self._memory = memory
        self._drawing = Drawing()
        self._theme: Theme | None = None
        self.toolbar = Toolbar(self)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.toolbar)
        self.notice = NoticeBar(self)
        self.strip = StripPanel()
        self.step_panel = StepPanel()
        self.builder = BuilderPanel()
        self.maps = MapPanel()
        self.input_panel = InputPanel()
        self.parameters = ParameterPanel()
        self.ledger = LedgerPanel()
        self.autograd = AutogradPanel()
        self.compare = ComparePanel()
        self.code = CodePanel()
        self.log = LogPanel()
        self.source = SourcePanel()
        self.why = WhyPanel()
        self.status = StatusLine(self)
        self.setStatusBar(self.status)
        self._place_maps()
        self.docks = {
            dock.panel.name: dock
            for dock in (
                PanelDock(self.strip, translate("Window", "Network"), self),
                PanelDock(self.step_panel, translate("Window", "Step"), self),
                PanelDock(self.builder, translate("Window", "Build"), self),
                PanelDock(self.input_panel, translate("Window", "Input"), self),
                PanelDock(self.parameters, translate("Window", "Parameters"), self),
                PanelDock(self.ledger, translate("Window", "Ledger"), self),
                PanelDock(self.autograd, translate("Window", "Autograd"), self),
                PanelDock(self.compare, translate("Window", "Compare"), self),
                PanelDock(self.code, translate("Window", "Code"), self),
                PanelDock(self.log, translate("Window", "Log"), self),
                PanelDock(self.source, translate("Window", "Source"), self),
                PanelDock(self.why, translate("Window", "Why?"), self),
            )
        }
        WantedHeight(self, self.docks["strip"])
        self.stray_tabs = StrayTabs(self, self.docks)
        self.background = Background(self, session.tell)
        self.opening = Opening(self, session)
        self.models = Models(self, session)
        self.figures = Figures(self, session)
        self.data = DataExport(self, session)
        self.code_file = CodeFile(self, session)
        self.network_file = NetworkFile(self, session)
        self.recent = Recent(self, memory)
        self.actions_by_name = make_actions(self, action_specs(self))
        fill_menus(self)
        self._pointing = Pointing(
            session, self.maps, self.input_panel, self.step_panel, self.why, self
        )
        wire(self)
        session.subscribe(self._render)
        self.resize(first_size() if size is None else QSize(*size))
        arrange(self, self.docks)
        self._first_layout = self.saveState(LAYOUT_VERSION)
        if size is None:
            self._restore()
        self._show_theme()
        self._render(None, session.state)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._show_theme)

    # -- placing -------------------------------------------------------------------------------

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The panels in reading order."""
        return (
            self.strip,
            self.step_panel,
            self.builder,
            self.maps,
            self.input_panel,
            self.parameters,
            self.ledger,
            self.autograd,
            self.compare,
            self.code,
            self.log,
            self.source,
            self.why,
        )

    def _place_maps(self) -> None:
        center = QWidget(self)
        center.setObjectName("center")
        column = QVBoxLayout(center)
        column.setContentsMargins(4, 9, 4, 2)
        column.setSpacing(6)
        column.addWidget(self.notice)
        column.addWidget(self.maps, 1)
        self.setCentralWidget(center)

    def arrange_anew(self) -> None:
        """Put every panel back where it was at the first start."""
        restore(self, self.docks, self._first_layout)

    # -- drawing and asking --------------------------------------------------------------------

    def ask(self, address: Address) -> None:
        """Ask about a number that was clicked, and bring the answer to the front."""
        first = self.session.state.asked is None
        self.session.ask(address)
        self.docks["why"].come_forward()
        if first:
            make_room(self, self.docks["why"])

    def _render(self, old: State | None, new: State) -> None:
        """Hand both states to everything that draws."""
        if old is None or old.view.theme != new.view.theme:
            self._show_theme()
        if old is None or old.run is not new.run:
            self.maps.set_structural(structural_mask(new.run))
        self.toolbar.render_state(old, new)
        self.notice.render_state(old, new)
        self.status.render_state(old, new)
        self.data.render_state(old, new)
        self._drawing.draw(self.panels, old, new)
        if old is not None and (old.settings != new.settings or old.view != new.view):
            self._memory.keep(new.settings, new.view)

    def _show_theme(self) -> None:
        """Put the theme on that the view asks for."""
        wanted = self.session.state.view.theme
        for word in ("system", "light", "dark"):
            self.actions_by_name[f"theme_{word}"].setChecked(word == wanted)
        theme = theme_named(wanted)
        if theme is self._theme:
            return
        self._theme = theme
        self.setStyleSheet(style_sheet(theme))
        for dock in self.docks.values():
            dock.grip.theme = theme
        self.notice.set_theme(theme)
        for panel in self.panels:
            panel.set_theme(theme)

    # -- actions -------------------------------------------------------------------------------

    def escape(self) -> None:
        """Leave sweep, poke, zoomed channel, full screen, or the message, in this order."""
        if self.session.state.sweep is not None:
            self.session.stop_sweep()
        elif self.session.state.poke is not None:
            self.session.take_back()
        elif self.session.state.view.channel is not None:
            self.session.zoom_channel(None)
        elif self.isFullScreen():
            self.showNormal()
        else:
            self.session.dismiss_notice()

    def take_pin_away(self) -> None:
        """Ask about nothing any more, once nothing is poked or swept."""
        if self.session.state.sweep is None and self.session.state.poke is None:
            self.session.stop_asking()
        else:
            self.escape()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def show_help(self) -> None:
        """Show the keys."""
        dialog = HelpDialog(list(self.actions_by_name.values()), self)
        dialog.exec()
        dialog.deleteLater()

    # -- from start to start -------------------------------------------------------------------

    def _restore(self) -> None:
        geometry, docks = self._memory.geometry(), self._memory.docks()
        if geometry is not None:
            self.restoreGeometry(geometry)
        if docks is not None:
            restore(self, self.docks, docks)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember size, place and panels."""
        self._memory.keep(self.session.state.settings, self.session.state.view)
        docks: QByteArray = self.saveState(LAYOUT_VERSION)
        self._memory.keep_window(self.saveGeometry(), docks)
        self._memory.write()
        super().closeEvent(event)
