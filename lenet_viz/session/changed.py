"""What a change of the settings is called: the words of Undo."""

from lenet_viz.engine.messages import InputRequest
from lenet_viz.session.settings import Settings
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


def change_words(old: Settings, new: Settings) -> Message:
    """Return what was changed between two settings, as in "weights seed 0 → 1"."""
    if old.title != new.title or old.own != new.own:
        template = QT_TRANSLATE_NOOP("Build", "network {old} → {new}")
        return message("Build", template, old=old.title, new=new.title)
    if old.spec != new.spec:
        return message("Build", QT_TRANSLATE_NOOP("Build", "change the network"))
    if old.input != new.input:
        template = QT_TRANSLATE_NOOP("Build", "input {old} → {new}")
        return message("Build", template, old=_input_words(old.input), new=_input_words(new.input))
    if old.weights_seed != new.weights_seed:
        template = QT_TRANSLATE_NOOP("Build", "weights seed {old} → {new}")
        return message("Build", template, old=str(old.weights_seed), new=str(new.weights_seed))
    if old.objective != new.objective:
        template = QT_TRANSLATE_NOOP("Build", "objective {old} → {new}")
        return message("Build", template, old=old.objective.word[:40], new=new.objective.word[:40])
    if old.zero_grad != new.zero_grad:
        on = QT_TRANSLATE_NOOP("Build", "zero_grad on")
        return message(
            "Build", on if new.zero_grad else QT_TRANSLATE_NOOP("Build", "zero_grad off")
        )
    return message("Build", QT_TRANSLATE_NOOP("Build", "change the weights"))


def _input_words(chosen: InputRequest) -> str:
    """Return an input's word of the command line."""
    if chosen.kind == "digit":
        return f"digit:{chosen.label}:{chosen.index}"
    return f"random:{chosen.seed}" if chosen.kind == "random" else chosen.kind
