# Written by make notebooks

from nnlib.course.lessons.lesson_01a_neuron.figures import (
    activation as activation,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    arrows as arrows,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    contributions as contributions,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    mark_one as mark_one,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    network as network,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    neuron_graph as neuron_graph,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    neuron_graph_nodes as neuron_graph_nodes,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    pattern as pattern,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    patterns as patterns,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    similarity as similarity,
)
from nnlib.course.lessons.lesson_01a_neuron.figures import (
    weight_arrow as weight_arrow,
)
from nnlib.course.lessons.lesson_02a_gaussian_classes.figures import (
    class_boundaries as class_boundaries,
)
from nnlib.course.lessons.lesson_02a_gaussian_classes.figures import (
    share_of_ones as share_of_ones,
)
from nnlib.course.lessons.lesson_02a_gaussian_classes.figures import (
    three_frames as three_frames,
)
from nnlib.course.lessons.lesson_03a_layers.figures import (
    histograms as histograms,
)
from nnlib.course.lessons.lesson_03a_layers.figures import (
    image_grid as image_grid,
)
from nnlib.course.lessons.lesson_03a_layers.figures import (
    neurons as neurons,
)
from nnlib.course.lessons.lesson_03a_layers.figures import (
    parameter_bars as parameter_bars,
)
from nnlib.course.lessons.lesson_03a_layers.figures import (
    singular_values as singular_values,
)
from nnlib.course.lessons.lesson_03a_layers.figures import (
    wirings as wirings,
)
from nnlib.course.lessons.lesson_04_activations.figures import (
    dead_bars as dead_bars,
)
from nnlib.course.lessons.lesson_04_activations.figures import (
    function_images as function_images,
)
from nnlib.course.lessons.lesson_05_losses.figures import (
    spread as spread,
)
from nnlib.course.lessons.lesson_06_universal_approximation.figures import (
    towers as towers,
)
from nnlib.course.lessons.lesson_07_gradient_descent.figures import (
    late_places as late_places,
)
from nnlib.course.lessons.lesson_07_gradient_descent.figures import (
    rate_panels as rate_panels,
)
from nnlib.course.lessons.lesson_08a_curvature.figures import (
    two_arrows as two_arrows,
)
from nnlib.course.lessons.lesson_09a_stochastic_gradients.figures import (
    pulls as pulls,
)
from nnlib.course.lessons.lesson_10a_momentum.figures import (
    landscape as landscape,
)
from nnlib.course.lessons.lesson_10a_momentum.figures import (
    look_ahead as look_ahead,
)
from nnlib.course.lessons.lesson_10a_momentum.figures import (
    step_counts as step_counts,
)
from nnlib.course.lessons.lesson_11a_graphs_and_paths.figures import (
    grown_rectangle as grown_rectangle,
)
from nnlib.course.lessons.lesson_11a_graphs_and_paths.figures import (
    poked_network as poked_network,
)
from nnlib.course.lessons.lesson_12a_gradients_by_hand.figures import (
    logit_gradient as logit_gradient,
)
from nnlib.course.lessons.lesson_13_vanishing_gradients.figures import (
    log_histograms as log_histograms,
)
from nnlib.course.lessons.lesson_15a_batch_normalization.figures import (
    batch_norm_graph as batch_norm_graph,
)
from nnlib.course.lessons.lesson_15b_normalized_networks.figures import (
    clouds as clouds,
)
from nnlib.course.lessons.lesson_16a_penalties.figures import (
    sizes_of_weights as sizes_of_weights,
)
from nnlib.course.lessons.lesson_18_representations.figures import (
    active_shares as active_shares,
)
from nnlib.course.lessons.lesson_18_representations.figures import (
    beside as beside,
)
from nnlib.course.lessons.lesson_20a_recurrent_networks.figures import (
    unrolled as unrolled,
)
from nnlib.course.lessons.lesson_21a_linear_regions.figures import (
    region_counts as region_counts,
)
from nnlib.course.lessons.lesson_21a_linear_regions.figures import (
    region_map as region_map,
)
from nnlib.course.lessons.lesson_21b_residual_networks.figures import (
    depths_and_errors as depths_and_errors,
)
