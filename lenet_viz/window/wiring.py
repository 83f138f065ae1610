"""What each signal of a panel does: all wiring is here."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from lenet_viz.capture.address import Address
from lenet_viz.capture.words import VECTOR
from lenet_viz.session.session import Session
from lenet_viz.session.state import LOSS_CARD, ObjectiveChoice, Show

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow


def wire(window: "MainWindow") -> None:
    """Connect every panel's signals with the session's verbs."""
    session, toolbar = window.session, window.toolbar
    toolbar.preset_requested.connect(session.choose_preset)
    toolbar.model_requested.connect(window.models.ask)
    toolbar.weights_file_requested.connect(window.models.ask_weights)
    toolbar.drawn_weights_requested.connect(window.models.draw_weights)
    toolbar.input_requested.connect(session.choose_input)
    toolbar.weights_seed_requested.connect(session.choose_weights_seed)
    toolbar.initialisation_requested.connect(session.choose_initialisation)
    toolbar.objective_requested.connect(partial(_choose_objective, session))
    window.step_panel.objective_requested.connect(session.choose_objective)
    toolbar.zero_grad_requested.connect(session.choose_zero_grad)
    toolbar.forward_requested.connect(session.forward)
    toolbar.backward_requested.connect(session.backward)
    toolbar.stop_requested.connect(session.stop)
    for updater in (toolbar, window.ledger):
        updater.update_requested.connect(session.update)
    window.ledger.optimiser_requested.connect(session.choose_optimiser)
    window.ledger.forget_requested.connect(session.forget_updates)
    window.notice.dismissed.connect(session.dismiss_notice)
    window.strip.card_chosen.connect(session.select)
    window.strip.walk_requested.connect(session.walk)
    window.strip.gradients_requested.connect(session.show_strip_gradients)
    window.strip.fold_requested.connect(session.fold)
    window.strip.unfold_requested.connect(session.unfold)
    window.strip.fold_all_requested.connect(session.fold_all)
    window.strip.unfold_all_requested.connect(session.unfold_all)
    window.maps.show_requested.connect(lambda show: session.show(Show(show)))
    window.maps.shared_scale_requested.connect(session.share_scale)
    window.maps.causes_requested.connect(session.show_causes)
    window.maps.channel_requested.connect(session.zoom_channel)
    asking = (window.maps, window.input_panel, window.step_panel, window.ledger, window.autograd)
    for clicked in asking:
        clicked.value_clicked.connect(window.ask)
    window.maps.pin_taken_away.connect(window.take_pin_away)
    window.why.asked_requested.connect(session.ask)
    window.why.back_requested.connect(session.ask_back)
    window.why.forward_requested.connect(session.ask_forward)
    window.why.side_requested.connect(session.ask_other_side)
    window.why.check_requested.connect(lambda: session.check_gradient())
    window.why.nudge_requested.connect(session.check_gradient)
    window.why.poke_moved.connect(session.poke_to)
    window.why.poke_ended.connect(session.take_back)
    for poking in (window.input_panel, window.step_panel):
        poking.poke_requested.connect(partial(_poke, session))
    window.why.sweep_requested.connect(session.start_sweep)
    window.why.sweep_moved.connect(session.sweep_to)
    window.why.sweep_ended.connect(session.stop_sweep)
    window.parameters.step_requested.connect(session.select)
    window.source.step_requested.connect(session.select)
    window.autograd.step_requested.connect(session.select)
    window.compare.step_requested.connect(session.select)
    window.compare.freeze_requested.connect(session.freeze)
    window.compare.unfreeze_requested.connect(session.unfreeze)
    window.code.layer_chosen.connect(session.select_layer)
    window.code.save_requested.connect(window.code_file.save)
    wire_builder(window)
    window.step_panel.source_requested.connect(window.docks["source"].come_forward)
    for panel in window.panels:
        panel.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        panel.customContextMenuRequested.connect(partial(window.figures.show_menu, panel))


def wire_builder(window: "MainWindow") -> None:
    """Connect the builder's signals with the session's verbs."""
    session, builder = window.session, window.builder
    builder.layer_chosen.connect(session.select_layer)
    builder.add_requested.connect(lambda op: session.add_layer(op))
    builder.delete_requested.connect(session.delete_layer)
    builder.duplicate_requested.connect(session.duplicate_layer)
    builder.move_requested.connect(session.move_layer)
    builder.rename_requested.connect(session.rename_layer)
    builder.setting_requested.connect(session.change_layer)
    builder.style_requested.connect(session.restyle_layer)
    builder.connect_requested.connect(session.connect_layer)
    builder.input_requested.connect(session.resize_input)
    builder.mend_requested.connect(session.mend)
    builder.mend_all_requested.connect(session.mend_all)
    builder.automatic_requested.connect(session.build_automatically)
    builder.layers_requested.connect(window.models.edit_as_layers)
    builder.undo_requested.connect(session.undo)
    builder.redo_requested.connect(session.redo)


def _choose_objective(session: Session, objective: ObjectiveChoice) -> None:
    """Take an objective; a vector of one's own is written on the loss card."""
    session.choose_objective(objective)
    if objective.kind == VECTOR:
        session.select(LOSS_CARD)


def _poke(session: Session, address: Address, notches: int) -> None:
    """Poke the number under the pointer; what is under it stays in view."""
    session.ask(address)
    session.poke_by(notches)
