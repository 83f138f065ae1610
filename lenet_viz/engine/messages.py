"""What the window and the engine say to each other.

Arrays never travel through the pipe; they lie in files that a message names.

Everything a run needs is named in its request and everything it makes is named in its reply, so
that an engine can be thrown away at any moment.
"""

from dataclasses import dataclass

from lenet_viz.engine.save_messages import SaveDone, SaveRequest
from lenet_viz.engine.update_messages import UpdateDone, UpdateRequest
from lenet_viz.network.initialisation import AS_TORCH, Initialisation
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.wording import Message


@dataclass(frozen=True, slots=True)
class InputRequest:
    """Which input a run takes.

    Attributes:
        kind: ``digit`` (a shipped scan), ``random`` (``torch.randn``) or ``preset`` (the preset's
            own image).
        label: the digit's class, 0 to 9.
        index: which scan of that class, from 0.
        seed: seed of the random input.
    """

    kind: str
    label: int = 0
    index: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Nudge:
    """A small change of one number of a run.

    Attributes:
        place: ``input``, ``parameter`` or ``step``, as in `capture.address.Place`.
        name: the parameter's or step's name; the number of an input as text.
        index: which element, over all axes.
        amount: what is added to it.
        step: the step's number; 0 for others.
        output: which of the step's outputs.
    """

    place: str
    name: str
    index: tuple[int, ...]
    amount: float
    step: int = 0
    output: int = 0

    def words(self) -> str:
        """Return which number it changes and how, such as ``conv1.weight[0, 0, 1, 1] +0.1``."""
        what = f"input {self.name}" if self.place == "input" else self.name
        return f"{what}[{', '.join(map(str, self.index))}] {self.amount:+.6g}"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One forward pass, and a backward pass if an objective is named.

    Attributes:
        run: the run's number, given back in every reply to it.
        spec: the network as JSON; "" where ``model`` makes it.
        preset: the preset's name where the spec is one of them; "" otherwise.
        weights_seed: seed the weights are made with, where ``weights`` is None.
        weights: name of a blob with the weights; None to make them from the seed.
        input: which input.
        objective: the word of the objective, such as ``cross-entropy:7``; None for forward only.
        objective_seed: seed of the random vector or target.
        zero_grad: whether the parameters' ``.grad`` is cleared before backward.
        grads: name of a blob with the ``.grad`` left by earlier runs; None where all are None.
        folder: where captures and blobs are written.
        same_input: whether ``input.grad`` in ``grads`` belongs to this very input; if not, this
            run starts with an ``input.grad`` of None.
        model: the code that makes the model; None where ``spec`` is one.
        shapes: the tensors such a model is called with; none for what the engine proposes.
        keywords: further keyword arguments of its ``forward``, as literals: ``causal=True``.
        weights_file: where the weights are read from; None for those of ``weights`` or the seed.
        nudges: what is added to single numbers of the inputs and parameters before the run. The
            blob of its weights is the one without them.
        updates: how many updates the weights have had since they were made.
        initialisation: what the weights are drawn from; not for those of a file, a preset's own,
            or a model of somebody's code.
        kept_weights: name of a blob with the weights of the network before an edit; None for none.
        kept: the modules that have their weights and buffers from that blob: name now, name there.
            Where ``weights`` names a blob they are in it already, and are only told of.
    """

    run: int
    spec: str
    preset: str
    weights_seed: int
    weights: str | None
    input: InputRequest
    objective: str | None
    objective_seed: int
    zero_grad: bool
    grads: str | None
    folder: str
    same_input: bool = True
    model: ModelCode | None = None
    shapes: tuple[InputShape, ...] = ()
    keywords: str = ""
    weights_file: WeightsChoice | None = None
    nudges: tuple[Nudge, ...] = ()
    updates: int = 0
    initialisation: Initialisation = AS_TORCH
    kept_weights: str | None = None
    kept: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """How the objective changes with one number, by finite differences instead of autograd.

    Attributes:
        run: a number of its own, given back in the reply.
        of: the run that is repeated, with an objective and the weights that it had.
        nudge: which number; its ``amount`` is the step size, or 0 for a fitting one.
    """

    run: int
    of: RunRequest
    nudge: Nudge


Request = RunRequest | CheckRequest | UpdateRequest | SaveRequest


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine has imported torch and waits for requests."""

    torch_version: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A run has reached a stage.

    Attributes:
        run: the run's number.
        stage: what it does now.
        fraction: how much is done, 0 to 1.
    """

    run: int
    stage: Message
    fraction: float


@dataclass(frozen=True, slots=True)
class RunDone:
    """A run has ended well.

    Attributes:
        run: the run's number.
        capture: path of its capture file.
        weights: name of the blob with its weights.
        grads: name of the blob with every ``.grad`` after it; None where all are None.
        shapes: the tensors that a model of somebody's code was called with.
        notes: what is worth telling of it, such as weights that were converted.
        spent: whether somebody's code has changed what nothing puts back, so that this engine
            gives other runs no longer what a fresh one gives.
        nudged: name of the blob with the weights that the run itself had, where some of them were
            nudged; None where they are ``weights``.
    """

    run: int
    capture: str
    weights: str
    grads: str | None
    shapes: tuple[InputShape, ...] = ()
    notes: tuple[Message, ...] = ()
    spent: bool = False
    nudged: str | None = None


@dataclass(frozen=True, slots=True)
class CheckDone:
    """What finite differences say of one number's gradient.

    Attributes:
        run: the request's number.
        estimate: d(objective)/d(number), central difference.
        error: how far it may be off, from a second step size and from rounding.
        step_size: ε, what was added and taken away.
        below: the difference on the side of smaller values alone.
        above: the same for larger ones; another number than ``below`` at a kink.
        dtype: in which the objective was worked out: ``float64``, or the model's own.
        notes: what else is to be known.
        spent: see `RunDone`.
    """

    run: int
    estimate: float
    error: float
    step_size: float
    below: float
    above: float
    dtype: str
    notes: tuple[Message, ...] = ()
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What a run needs to be told before it can be made.

    Attributes:
        kind: ``changed`` (the model's file is not the one agreed to), ``choose`` (which of the
            names in ``options`` is the model), ``arguments`` (``options`` has the signature that
            the model is to be called with), ``strip`` (``options`` has the prefix to take off the
            weights' names), ``shape`` (no input could be found that the model takes; ``options``
            has the names of what ``forward`` takes), ``keyword`` (``forward`` takes an argument
            that is no tensor; ``options`` has its name) or ``digit`` (a digit fits none of the
            inputs).
        options: see above.
    """

    kind: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunFailed:
    """A run could not be finished.

    Attributes:
        run: the run's number.
        message: what went wrong and what to do.
        capture: path of a capture with the steps so far; None where there are none.
        mistake: whether something the user gave is to blame; if not, it is the program or the
            machine, such as a full disk.
        question: what an answer would mend; None where there is none to ask.
        weights: name of the blob with the weights of ``capture``; None where there is none.
        spent: see `RunDone`.
    """

    run: int
    message: Message
    capture: str | None = None
    mistake: bool = True
    question: Question | None = None
    weights: str | None = None
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """The engine ended or spoke nonsense; said by the client, never by the engine.

    Attributes:
        run: the run it was working on; None where it was idle.
        message: what happened and what to do.
        wanted: True where it ended because the user pressed Stop.
        details: the last lines the engine printed, as they came; "" where there are none.
        followed: whether another engine takes over by itself; if not, none is started before
            the next run is asked for.
        for_one_run: what is said where there is no window and this was the only run; None for
            `message`.
    """

    run: int | None
    message: Message
    wanted: bool = False
    details: str = ""
    followed: bool = True
    for_one_run: Message | None = None


Done = RunDone | CheckDone | UpdateDone | SaveDone | RunFailed
"""Which answers a request, unless its engine is lost."""

Reply = Ready | Progress | Done | Lost
